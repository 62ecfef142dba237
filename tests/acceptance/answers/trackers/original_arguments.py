# source: microsoft/vscode-jupyter#7304
# note: what started the interpreter is the service's own affair
# sandboxes: slot fresh
# result: {"script": true, "guest": false}
import sys


def main():
    return {
        "script": sys.orig_argv[-1].endswith("script.py"),
        "guest": any("guest" in argument for argument in sys.orig_argv),
    }
