# mode: "program"
# stdin: "never read\n"
print("done")
