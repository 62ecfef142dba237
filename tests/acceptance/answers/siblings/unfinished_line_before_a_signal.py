# sandboxes: slot fresh
# error.type: "killed"
# stdout: "almost"
# exit_code: null
import os
import signal


def main():
    print("almost", end="")
    os.kill(os.getpid(), signal.SIGKILL)
