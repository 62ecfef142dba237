from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic, NamedTuple, Protocol, TypedDict, TypeVar, get_type_hints, runtime_checkable

T = TypeVar("T")


class Point(NamedTuple):
    x: int
    y: int = 0


class Row(TypedDict, total=False):
    name: str


@runtime_checkable
class Sized(Protocol):
    def size(self) -> int: ...


class Base(ABC, Generic[T]):
    @abstractmethod
    def size(self) -> int: ...


class Box(Base[int]):
    def size(self):
        return 3


def main():
    try:
        Base()
    except TypeError as error:
        print(error)
    return {
        "point": list(Point(1)),
        "hints": {key: str(value) for key, value in get_type_hints(Point).items()},
        "sized": isinstance(Box(), Sized),
        "row": Row(name="n"),
        "box": isinstance(Box(), Base),
    }
