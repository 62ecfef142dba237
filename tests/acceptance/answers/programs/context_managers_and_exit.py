# mode: "program"
import contextlib
import sys


class Resource:
    def __init__(self, name, swallow=()):
        self.name, self.swallow = name, swallow

    def __enter__(self):
        print("open", self.name)
        return self

    def __exit__(self, kind, error, traceback):
        print("close", self.name, kind.__name__ if kind else None)
        return kind is not None and issubclass(kind, self.swallow)


with Resource("a"), Resource("b", (LookupError,)):
    {}["missing"]
print("goes on")
with contextlib.suppress(ZeroDivisionError), contextlib.redirect_stdout(sys.stderr):
    print("to standard error")
    1 / 0
try:
    with Resource("c"):
        sys.exit(3)
finally:
    print("the last line")
