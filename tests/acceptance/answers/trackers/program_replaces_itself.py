# source: HMS-IDAC/UnMicst#21, pkgcore/pychroot#23
# mode: "program"
# sandboxes: slot fresh
import os
import sys

if "again" not in sys.argv:
    print("first", flush=True)
    os.execv(sys.executable, [sys.executable, __file__, "again"])
print("second", len(sys.argv))
sys.exit(4)
