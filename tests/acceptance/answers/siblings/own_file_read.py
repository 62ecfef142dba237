# sandboxes: slot fresh
# result: {"first": "# sandboxes: slot fresh", "argv": "script.py", "path": "script.py"}
import os
import sys


def main():
    with open(__file__) as file:
        first = file.readline().rstrip()
    return {"first": first, "argv": os.path.basename(sys.argv[0]), "path": os.path.relpath(__file__)}
