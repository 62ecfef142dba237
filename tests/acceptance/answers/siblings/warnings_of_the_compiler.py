# mode: "program"
# sandboxes: slot fresh
path = "\d+"
if 1 is 1:
    print(path)
