# sandboxes: slot fresh
import doctest


def half(n):
    """Return half of a number.

    >>> half(4)
    2.0
    >>> half(1)
    0.4
    """
    return n / 2


def main():
    failed, tried = doctest.testmod()
    return {"failed": failed, "tried": tried}
