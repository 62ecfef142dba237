# source: cheran-senthil/PyRival template/fastio.py, samuelgursky/davinci-resolve-mcp#108
# sandboxes: slot fresh
# result: {}
# stdout has: ["answer 42\n", "written\n"]
import atexit
import io
import os
import sys

held, real = io.StringIO(), sys.stdout
sys.stdout = held
atexit.register(lambda: real.write(held.getvalue()))
out = os.fdopen(os.dup(1), "w")


def main():
    print("answer 42")
    out.write("written\n")
    return {}
