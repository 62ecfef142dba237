# mode: "program"
import sys


def factorial(n):
    return 1 if n == 0 else n * factorial(n - 1)


try:
    factorial(5000)
except RecursionError as error:
    print("caught:", type(error).__name__)
sys.setrecursionlimit(6000)
print(len(hex(factorial(5000))))


def is_even(n):
    return True if n == 0 else is_odd(n - 1)


def is_odd(n):
    return False if n == 0 else is_even(n - 1)


print(is_even(2500), is_odd(2500))
