# mode: "program"
# sandboxes: slot fresh
import os
import sys

print("flushed", flush=True)
os._exit(6)
