# stdin: "3\nalpha\nbeta\n\ngamma"
import sys


def main():
    n = int(input())
    words = [input() for _ in range(2)]
    rest = [line for line in sys.stdin]
    try:
        input("prompt> ")
    except EOFError as error:
        print(f"end: {error}")
    return {"n": n, "words": words, "rest": rest}
