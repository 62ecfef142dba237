"""A program with arguments: mode `program` runs it as a command line would."""

import argparse
import sys

METRES = {"km": 1000.0, "m": 1.0, "mi": 1609.344, "ft": 0.3048}


def main():
    parser = argparse.ArgumentParser(description="Convert lengths, one in each line of the standard input.")
    parser.add_argument("source", choices=METRES)
    parser.add_argument("target", choices=METRES)
    parser.add_argument("--digits", type=int, default=2)
    asked = parser.parse_args()
    for line in sys.stdin:
        try:
            length = float(line) * METRES[asked.source] / METRES[asked.target]
        except ValueError:
            print(f"not a number: {line.strip()}")
        else:
            print(f"{length:.{asked.digits}f} {asked.target}")


if __name__ == "__main__":
    main()
