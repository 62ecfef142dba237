# source: jupyter/notebook#920, DMOJ/judge-server#163
# sandboxes: slot fresh
import builtins
import inspect
import io
import os
import pickle
import sys


def main():
    return {
        "print": [repr(print), type(print).__name__, print.__module__, print.__name__, print.__qualname__],
        "open": [repr(open), open.__class__.__name__, open.__module__, open is io.open, open is builtins.open],
        "os.open": [repr(os.open), os.open.__module__],
        "types": [repr(type(print)), repr(open.__class__)],
        "kinds": [inspect.isbuiltin(print), inspect.isbuiltin(open), inspect.isfunction(print)],
        "pickled": [pickle.loads(pickle.dumps(print)) is print, pickle.loads(pickle.dumps(open)) is open],
        "doc": [print.__doc__, open.__doc__ is not None, str(inspect.signature(open))],
        "streams": [type(stream).__name__ for stream in (sys.stdout, sys.stdout.buffer, sys.stdout.buffer.raw)],
        "input": [type(stream).__name__ for stream in (sys.stdin, sys.stdin.buffer, sys.stdin.buffer.raw)],
        "shown": repr(sys.stdout),
    }
