# mode: "program"
import sys


def main():
    print("failing", file=sys.stderr)
    return 7


sys.exit(main())
