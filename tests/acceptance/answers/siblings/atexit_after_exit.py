# mode: "program"
# sandboxes: slot fresh
import atexit
import sys

atexit.register(print, "cleaned up")
sys.exit(2)
