# mode: "program"
import sys

sys.exit("usage: script.py FILE")
