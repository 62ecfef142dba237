# mode: "program"
# sandboxes: slot fresh
# argv: ["--name", "Zoë", "a b", ""]
import sys

print(len(sys.argv), sys.argv[1:])
