# source: lsegal/atom-runner#170, cpeditor/cpeditor#255
# mode: "program"
# sandboxes: slot fresh
# stdin: "4 2\nαβγ\n10\n20\n30"
import os
import select
import sys

n, k = map(int, input().split())
line = sys.stdin.buffer.readline() if False else sys.stdin.readline()
print(n, k, repr(line), sys.stdin.isatty())
print(next(iter(sys.stdin)).strip())
print([int(line) for line in sys.stdin])
print(repr(sys.stdin.read()), repr(sys.stdin.readline()), select.select([0], [], [], 0)[0], os.read(0, 5))
