# mode: "program"
# sandboxes: slot fresh
# stdin: "p x\nw\nc\n"
x = 41
breakpoint()
x += 1
print(x)
