# mode: "program"
# sandboxes: slot fresh
import functools


def traced(prefix=""):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            wrapper.calls += 1
            shown = ", ".join([*map(repr, args), *(f"{k}={v!r}" for k, v in kwargs.items())])
            print(f"{prefix}{function.__name__}({shown})")
            return function(*args, **kwargs)

        wrapper.calls = 0
        return wrapper

    return decorate


@functools.lru_cache(maxsize=None)
def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


@traced("-> ")
def greet(name, *, punctuation="!"):
    """Greet somebody."""
    return f"Hello, {name}{punctuation}"


@functools.singledispatch
def describe(value):
    raise TypeError(f"cannot describe {value!r}")


@describe.register
def _(value: int):
    return "an integer"


@describe.register(list)
def _(value):
    return "a list of " + ", ".join(map(describe, value))


print(greet("Ada"), greet("Bo", punctuation="?"), greet.calls, greet.__doc__)
print(fibonacci(90), fibonacci.cache_info())
print(describe([1, [2]]), functools.reduce(lambda a, b: a * 10 + b, [1, 2, 3]))
describe(1.5)
