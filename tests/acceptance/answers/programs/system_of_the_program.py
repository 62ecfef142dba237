# mode: "program"
# sandboxes: slot fresh
import builtins
import os
import sys

print(sys.argv[0][-9:], __name__, sys.path[0] == os.path.dirname(os.path.abspath(__file__)))
print(os.getcwd() == sys.path[0], sys.flags.optimize, sys.flags.interactive, __builtins__ is builtins)
print(__debug__, sys.getrecursionlimit(), sys.byteorder, sys.maxsize, sys.float_info.max)
print(sys.implementation.name, sys.displayhook, hasattr(sys, "ps1"), sys.orig_argv[-1][-9:])
