# mode: "program"
# sandboxes: slot fresh
# status_code: 422
# error.type: "killed"
# stdout: "before"
# exit_code: null
import os

print("before", end="")
os.abort()
