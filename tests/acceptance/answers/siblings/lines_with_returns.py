# mode: "program"
# sandboxes: slot fresh
import inspect


def f():
    return "x yz"


print(inspect.getsource(f))
print(len(f()))
