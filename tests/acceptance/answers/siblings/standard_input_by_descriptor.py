# mode: "program"
# sandboxes: slot fresh
# stdin: "5 6\n7\n"
import os

a, b = map(int, open(0).readline().split())
print(a * b, os.path.basename(__file__))
