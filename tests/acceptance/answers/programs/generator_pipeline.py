# mode: "program"
def numbers(text):
    for word in text.split():
        try:
            yield int(word)
        except ValueError:
            yield from numbers(word.replace(",", " ")) if "," in word else ()


def running_mean():
    total = count = 0
    mean = None
    try:
        while True:
            value = yield mean
            total += value
            count += 1
            mean = total / count
    finally:
        print(f"closed after {count} values")


def countdown(n):
    received = yield n
    while n:
        n = received if received is not None else n - 1
        received = yield n
    return "lift-off"


def launch():
    print((yield from countdown(2)))


mean = running_mean()
next(mean)
print([mean.send(n) for n in numbers("4 x 6,8 10")])
mean.close()
rocket = launch()
print(next(rocket), rocket.send(None), rocket.send(None), next(rocket, "done"))
squares = (n * n for n in range(3))
print(sum(squares), list(squares))
next(squares)
