import contextlib
import itertools


@contextlib.contextmanager
def step(name):
    print("enter", name)
    try:
        yield name.upper()
    except ValueError as error:
        print("swallowed", error)
    finally:
        print("leave", name)


def fibonacci():
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b


def main():
    with step("one") as name:
        raise ValueError(name)
    with contextlib.ExitStack() as stack:
        for name in "ab":
            stack.enter_context(step(name))
    chunks = [list(chunk) for chunk in itertools.batched(range(5), 2)] if hasattr(itertools, "batched") else []
    return {"fibonacci": list(itertools.islice(fibonacci(), 10)), "chunks": chunks[:0]}
