# sandboxes: slot fresh
import os
import subprocess
import sys


def main():
    with open(os.devnull, "w") as sink:
        print("lost", file=sink)
    code = subprocess.call([sys.executable, "-c", "print(1)"], stdout=subprocess.DEVNULL)
    return {"code": code, "read": open(os.devnull).read()}
