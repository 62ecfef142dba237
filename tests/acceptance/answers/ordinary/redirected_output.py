import contextlib
import io
import sys


def main():
    held = io.StringIO()
    with contextlib.redirect_stdout(held):
        print("held")
    print("shown", file=sys.stderr)
    sys.stdout.write("a")
    print("b", "c", sep="-", end="!\n", flush=True)
    return {"held": held.getvalue()}
