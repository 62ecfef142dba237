# mode: "program"
# sandboxes: slot fresh
help(print)
help(open)
print(type(print), type(open))
