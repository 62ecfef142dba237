# source: DMOJ/judge-server#988
# mode: "program"
import sys

sys.exit(2**70)
