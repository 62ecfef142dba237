# source: WecoAI/aideml#85
# mode: "program"
import sys


def main() -> int:
    print("main ran in", __name__)
    return 0


if __name__ == "__main__":
    sys.exit(main())
