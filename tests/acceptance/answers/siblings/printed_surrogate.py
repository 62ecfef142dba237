# mode: "program"
# sandboxes: slot fresh
print("before")
print("\ud83d\ude00")
