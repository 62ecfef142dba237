# source: CiscoDevNet/virl2-client#156, the Python documentation on the default warning filter
# sandboxes: slot fresh
# error.message: "ValueError: x"
# stderr: "script.py:12: DeprecationWarning: old\n  warnings.warn(\"old\", DeprecationWarning)\nhook saw x\n"
import sys
import warnings

sys.excepthook = lambda kind, error, _: print("hook saw", error, file=sys.stderr)


def main():
    warnings.warn("old", DeprecationWarning)
    raise ValueError("x")
