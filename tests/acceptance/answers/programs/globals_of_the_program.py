# mode: "program"
# sandboxes: slot fresh
print(sorted(globals()))
print(__spec__, __package__, __doc__, type(__loader__).__name__)
x = 1
del x
print("x" in vars(), __annotations__ if "__annotations__" in globals() else None)
