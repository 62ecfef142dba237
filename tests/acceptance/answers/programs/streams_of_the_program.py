# mode: "program"
# sandboxes: slot fresh
import sys

for stream in (sys.stdin, sys.stdout, sys.stderr):
    print(stream.name, stream.mode, stream.encoding, stream.errors, stream.isatty(), stream.fileno())
print(sys.__stdout__ is sys.stdout, sys.stdout.line_buffering, sys.stdout.newlines)
