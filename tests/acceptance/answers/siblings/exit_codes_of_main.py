# status_code: 422
# error.type: "exit"
# error.message has: ["255"]
# exit_code: 255
import sys


def main():
    sys.exit(-1)
