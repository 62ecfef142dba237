# mode: "program"
# sandboxes: slot fresh
# error.type: "killed"
# stdout: "before\n"
# exit_code: null
import ctypes

print("before")
ctypes.string_at(0)
