# mode: "program"
import sys

print("fine")
sys.exit(0)
