# mode: "program"
# sandboxes: slot fresh
import sys


def hook(kind, error, traceback):
    raise TypeError("in hook")


sys.excepthook = hook
1 / 0
