# mode: "program"
# sandboxes: slot fresh
import inspect
import sys
import traceback


def inner():
    depth, frame = 0, sys._getframe()
    while frame:
        depth, frame = depth + 1, frame.f_back
    print(depth, [info.function for info in inspect.stack()], len(traceback.extract_stack()))
    traceback.print_stack()


def outer():
    inner()


outer()
