# mode: "program"
# sandboxes: slot fresh
import sys


class Log:
    def __init__(self, name):
        self.name = name
        self.cycle = self

    def __del__(self):
        print("closing", self.name, file=sys.stderr)


log = Log("a")
del log
