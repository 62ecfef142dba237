# source: spyder-ide/qtconsole#407, jupyter/notebook#920
# sandboxes: slot fresh
# error.type: "killed"
# stderr has: ["Fatal Python error: Segmentation fault\n", "script.py\", line 13 in main\n"]
# exit_code: null
import ctypes
import faulthandler


def main():
    faulthandler.enable()
    # The kernel's answer is SIGSEGV.
    ctypes.string_at(0)
