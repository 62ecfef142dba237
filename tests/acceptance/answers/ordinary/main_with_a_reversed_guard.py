# result: {"runs": 1}
# stdout: "top\nelse\n"
import sys

print("top")


def main():
    return {"runs": 1}


if "__main__" == __name__:
    sys.exit(main())
else:
    print("else")
