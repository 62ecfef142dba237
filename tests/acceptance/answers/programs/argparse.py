# mode: "program"
# sandboxes: slot fresh
# argv: ["1", "2", "--scale=3", "-v"]
import argparse

parser = argparse.ArgumentParser()
parser.add_argument("numbers", type=int, nargs="+")
parser.add_argument("--scale", type=int, default=1)
parser.add_argument("-v", "--verbose", action="count")
found = parser.parse_args()
print(sum(found.numbers) * found.scale, found)
