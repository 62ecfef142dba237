# mode: "program"
# stdin: "one\n"
while True:
    line = input("> ")
    print("got", line)
