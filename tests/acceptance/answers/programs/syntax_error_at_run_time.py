# mode: "program"
# sandboxes: slot fresh
print("before")
exec("def f(:\n  pass")
