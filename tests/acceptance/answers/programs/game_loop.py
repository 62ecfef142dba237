# mode: "program"
# stdin: "50\n75\n62\n68\n"
SECRET = 68
tries = 0
print("Guess the number")
while True:
    guess = int(input("Your guess: "))
    tries += 1
    if guess == SECRET:
        print(f"Right after {tries} tries!")
        break
    print("Too low" if guess < SECRET else "Too high")
