# mode: "program"
# stdin: "a\r\nb\rc\n"
import sys

for line in sys.stdin:
    print(repr(line))
