# mode: "program"
# sandboxes: slot fresh
# argv: ["--help"]
import argparse

parser = argparse.ArgumentParser(description="Adds numbers.")
parser.add_argument("numbers", type=int, nargs="+")
print(sum(parser.parse_args().numbers))
