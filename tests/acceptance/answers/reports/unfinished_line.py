# source: engineer-man/piston#180, e2b-dev/E2B#268
# sandboxes: slot fresh
# limits: {"timeout": 1}
# error.type: "timeout"
# stdout has: ["working.."]
# exit_code: null
import time


def main():
    print("working", end="")
    while True:
        print(".", end="")
        time.sleep(0.15)
