# source: python-discord/snekbox#100, troeger/opensubmit#247
# sandboxes: slot fresh
import os
import sys


def main():
    sys.stdout.buffer.write(b"caf\xe9 \xff\x00 \xf0\x9f\x98\n")
    sys.stdout.flush()
    os.write(2, b"\x80 error\n")
    return {}
