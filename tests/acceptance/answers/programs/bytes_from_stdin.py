# mode: "program"
# sandboxes: slot fresh
# stdin: "4 5\n"
import os
import sys

data = sys.stdin.buffer.read()
sys.stdout.buffer.write(b"%d\n" % sum(map(int, data.split())))
sys.stdout.flush()
os.write(1, b"direct\n")
