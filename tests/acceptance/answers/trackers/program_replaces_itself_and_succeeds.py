# source: HMS-IDAC/UnMicst#21, pkgcore/pychroot#23
# mode: "program"
# sandboxes: slot fresh
import os
import sys

os.execv(sys.executable, [sys.executable, "-c", "print('replaced')"])
