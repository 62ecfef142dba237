# mode: "program"
# sandboxes: slot fresh
# limits: {"timeout": 1.5}
# error.type: "timeout"
# stdout: "counting 1 2 3"
# exit_code: null
print("counting", 1, 2, 3, end="")
while True:
    pass
