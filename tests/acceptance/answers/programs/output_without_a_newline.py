# mode: "program"
import sys

print("a", end="")
sys.stdout.write("b")
print("e", end="", file=sys.stderr)
