# mode: "program"
# sandboxes: slot fresh
counter = 1
print(conter)
