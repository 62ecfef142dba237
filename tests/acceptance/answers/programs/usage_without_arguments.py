# mode: "program"
"""Count the words of a text.

usage: script.py MODE [WORD ...]
"""
import sys


def main(argv):
    if len(argv) < 2:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    print(len(argv[2:]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv))
