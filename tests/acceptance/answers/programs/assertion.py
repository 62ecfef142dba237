# mode: "program"
def average(numbers):
    assert numbers, "no numbers"
    return sum(numbers) / len(numbers)


print(average([1, 2]))
average([])
