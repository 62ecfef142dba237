# mode: "program"
counter = 1
print(conter)
