# mode: "program"
# stdin: "abc\n-3\n 7 \n3.5\n"
def ask(prompt, convert=int, valid=lambda value: True):
    while True:
        text = input(prompt)
        try:
            value = convert(text)
        except ValueError as error:
            print(f"Invalid input: {error}")
            continue
        if valid(value):
            return value
        print("Out of range")


n = ask("A positive number: ", valid=lambda value: value > 0)
print("\n".join(f"{n} x {i:2} = {n * i:3}" for i in range(1, 4)))
print(ask("A decimal: ", float) * n)
print(ask("Once more: "))
