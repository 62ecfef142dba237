# mode: "program"
# stdin: "1\n2\nx"
total = []
while True:
    try:
        total.append(input())
    except EOFError:
        break
print(total)
