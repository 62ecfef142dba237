# mode: "program"
# sandboxes: slot fresh
# argv: ["1", "x"]
import argparse

parser = argparse.ArgumentParser()
parser.add_argument("numbers", type=int, nargs="+")
print(sum(parser.parse_args().numbers))
