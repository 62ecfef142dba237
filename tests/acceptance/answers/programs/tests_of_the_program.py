# mode: "program"
# sandboxes: slot fresh
import doctest
import sys


def slug(title):
    """Make a part of an address.

    >>> slug("Hello World")
    'hello-world'
    >>> slug("a  b")
    'a-b'
    >>> slug(None)
    Traceback (most recent call last):
        ...
    AttributeError: 'NoneType' object has no attribute 'lower'
    """
    return title.lower().replace(" ", "-")


if __name__ == "__main__":
    failures, tests = doctest.testmod(verbose=True)
    sys.exit(failures)
