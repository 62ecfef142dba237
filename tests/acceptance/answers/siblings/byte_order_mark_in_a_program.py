# mode: "program"
# sandboxes: slot fresh restricted
print("first line")
