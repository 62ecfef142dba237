# sandboxes: slot fresh
# error.type: "exit"
# exit_code: 5
# stdout has: ["whole line\n"]
import os


def main():
    print("whole line", flush=True)
    os._exit(5)
