# source: DMOJ/judge-server#163, microsoft/vscode-jupyter#7554
# sandboxes: slot fresh
# stdin: "3\n1 2 3\nrest\n"
import codecs
import io
import os
import sys

input = sys.stdin.readline
out = io.TextIOWrapper(os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=1 << 16), write_through=False)


class Unbuffered:
    def __init__(self, stream):
        self.stream = stream

    def write(self, data):
        self.stream.write(data)
        self.stream.flush()

    def __getattr__(self, name):
        return getattr(self.stream, name)


def main():
    n = int(input())
    numbers = list(map(int, input().split()))
    sys.stdout = Unbuffered(sys.stdout)
    print(n, sum(numbers))
    sys.stdout = codecs.getwriter("utf-8")(sys.__stdout__.buffer)
    print("é")
    sys.stdout = sys.__stdout__
    sys.stdout.reconfigure(line_buffering=True, encoding="utf-8")
    sys.stdout.writelines(["x\n", "y\n"])
    print("no newline", end="")
    sys.stdout.flush()
    out.write("\nlast\n")
    out.flush()
    return {"rest": sys.stdin.read(), "closed": sys.stdout.closed, "buffer": sys.stdout.buffer.writable()}
