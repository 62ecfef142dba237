from enum import Enum, Flag, IntEnum, StrEnum, auto


class Colour(Enum):
    RED = auto()
    BLUE = "blue"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Mode(Flag):
    READ = auto()
    WRITE = auto()


class Kind(StrEnum):
    FIRST = auto()


def describe(value):
    match value:
        case Colour.RED:
            return "red"
        case {"x": int(x), **rest} if x > 0:
            return f"x={x} rest={rest}"
        case [first, *others]:
            return f"{first} then {len(others)}"
        case str() | bytes():
            return "text"
        case _:
            return "other"


def main():
    values = [Colour.RED, {"x": 1, "y": 2}, [1, 2, 3], "s", None, {"x": -1}]
    return {
        "kinds": [describe(value) for value in values],
        "enum": [repr(Colour.BLUE), str(Level.HIGH), repr(Mode.READ | Mode.WRITE), Kind.FIRST],
        "level": Level.HIGH,
    }
