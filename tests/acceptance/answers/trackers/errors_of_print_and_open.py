# source: jupyter/notebook#920
# sandboxes: slot fresh
import traceback


class Bad:
    def __str__(self):
        return 1 / 0


def attempts():
    yield lambda: print(1, sep=3)
    yield lambda: print(1, end=b"")
    yield lambda: print(1, nothing=2)
    yield lambda: print(1, file="name")
    yield lambda: print("a", Bad(), "b")
    yield lambda: open("missing.txt")
    yield lambda: open("new.txt", "q")
    yield lambda: open()
    yield lambda: open("new.txt", "wb", encoding="utf-8")
    yield lambda: open(b"\0")
    yield lambda: open(99)


def main():
    for attempt in attempts():
        try:
            attempt()
        except Exception:
            print(traceback.format_exc().replace(__file__, "script.py"))
    return {}
