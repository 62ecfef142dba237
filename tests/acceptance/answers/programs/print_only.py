# mode: "program"
print("Hello, World!")
