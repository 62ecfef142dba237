# mode: "program"
# sandboxes: slot fresh
import os
import sys

sys.stdout.flush()
child = os.fork()
if child == 0:
    print("child")
    sys.exit(5)
_, status = os.waitpid(child, 0)
print("parent", os.waitstatus_to_exitcode(status))
