# mode: "program"
print("before")
quit()
