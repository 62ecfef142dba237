# sandboxes: slot fresh
import importlib
import sys
import timeit


def f():
    return 3


def main():
    module = importlib.import_module("__main__")
    seconds = timeit.timeit("f()", setup="from __main__ import f", number=3)
    return {"same": module.f is f, "module": sys.modules["__main__"] is module, "timed": seconds > 0}
