# mode: "program"
# sandboxes: slot fresh
# stdin: "3\n1 2 3\n"
import sys

with open("/dev/stdin") as file:
    n, numbers = file.read().splitlines()
with open("/dev/stdout", "w") as file:
    file.write(f"{n}: {sum(map(int, numbers.split()))}\n")
with open("/dev/stderr", "w") as file:
    print("warning", file=file)
