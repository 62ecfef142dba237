# sandboxes: slot fresh
# limits: {"timeout": 1.5}
# error.type: "timeout"
# stdout: "bytes: abc"
# stderr: "err"
import sys


def main():
    sys.stdout.buffer.write(b"bytes: ")
    sys.stdout.write("abc")
    sys.stderr.write("err")
    while True:
        pass
