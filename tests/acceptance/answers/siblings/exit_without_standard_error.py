# mode: "program"
import sys

sys.stderr = None
sys.exit("a message")
