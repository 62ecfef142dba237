# source: Mic92/tribuchet#46
# note: a jail holds the interpreter and its libraries, and no shell; the error names the missing file
# sandboxes: slot fresh
# result: {"system": 127, "popen": "[Errno 2] No such file or directory: '/bin/sh'"}
import os
import subprocess


def main():
    try:
        subprocess.run("echo hi", shell=True)
    except FileNotFoundError as error:
        return {"system": os.waitstatus_to_exitcode(os.system("echo hi")), "popen": str(error)}
