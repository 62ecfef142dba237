# mode: "program"
# stdin: "b 2\na 1\n\nc 3"
import sys

rows = [line.split() for line in sys.stdin.read().splitlines() if line]
for key, value in sorted(rows):
    sys.stdout.write(f"{key}={value}\n")
