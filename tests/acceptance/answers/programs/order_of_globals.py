# mode: "program"
# sandboxes: slot fresh
for name in list(globals()):
    print(name)
