# mode: "program"
# sandboxes: slot fresh
# status_code: 422
# stdout: "before\n"
# stderr has: ["KeyboardInterrupt"]
print("before")
raise KeyboardInterrupt
