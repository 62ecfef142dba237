# sandboxes: slot fresh
import inspect


class Shape:
    """A shape."""

    sides = 0


def area(width, height):
    # A comment
    return width * height


def main():
    return {
        "function": inspect.getsource(area),
        "class": inspect.getsource(Shape),
        "line": inspect.getsourcelines(area)[1],
        "signature": str(inspect.signature(area)),
    }
