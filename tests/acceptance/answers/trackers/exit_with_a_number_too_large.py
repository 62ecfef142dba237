# source: DMOJ/judge-server#988
# note: CPython 3.12 also prints an OverflowError, by mistake
# mode: "program"
# exit_code: 255
# error.type: "exit"
# stderr: ""
import sys

sys.exit(2**70)
