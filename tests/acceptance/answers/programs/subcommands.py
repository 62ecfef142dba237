# mode: "program"
# sandboxes: slot fresh
# argv: ["--level", "7", "convert", "--to", "hex", "255", "16"]
import argparse
import sys

BASES = {"hex": "x", "oct": "o", "bin": "b"}


def convert(options):
    for value in options.values:
        print(f"{value} = {value:#{BASES[options.to]}}")


def build_parser():
    parser = argparse.ArgumentParser(prog="tool", epilog="See the manual.")
    parser.add_argument("--level", type=int, choices=range(10), default=1)
    parser.add_argument("--version", action="version", version="%(prog)s 1.0")
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("convert", help="convert numbers")
    one.add_argument("--to", choices=BASES, required=True)
    one.add_argument("values", type=int, nargs="+", metavar="N")
    one.set_defaults(run=convert)
    two = commands.add_parser("clean")
    two.add_argument("--force", action=argparse.BooleanOptionalAction)
    return parser


parser = build_parser()
options = parser.parse_args()
options.run(options)
parser.print_help(sys.stderr)
print(vars(parser.parse_args(["clean", "--no-force"])))
parser.parse_args(["convert", "--to", "dec", "1"])
