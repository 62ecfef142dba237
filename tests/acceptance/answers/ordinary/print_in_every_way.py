import pprint
import sys


def main():
    print()
    print(1, 2.0, None, True, [1, "x"], {"k": (1,)}, sep=", ")
    print("%s has %05.2f and %x" % ("it", 3.14159, 255))
    print("{:>8}|{:^8}|{:<8}|{:+d}|{:,}".format("r", "m", "l", 5, 1234567))
    print(f"{3.14159:.3f} {'é'!r} {2**10 = }")
    pprint.pprint({"list": list(range(30)), "text": "long " * 20, "nested": {"a": {"b": {"c": 1}}}})
    print(*range(3), sep="\n", file=sys.stdout)
    return {"written": sys.stdout.write("abc\n")}
