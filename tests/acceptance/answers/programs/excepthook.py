# mode: "program"
# sandboxes: slot fresh
import sys


def hook(kind, error, traceback):
    print("hook:", kind.__name__, error, traceback.tb_lineno)


sys.excepthook = hook
print(undefined)
