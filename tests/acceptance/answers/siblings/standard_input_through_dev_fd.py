# mode: "program"
# sandboxes: slot fresh
# stdin: "abc"
import os

print(os.read(os.open("/dev/fd/0", os.O_RDONLY), 10))
