# mode: "program"
import math
from abc import ABC, abstractmethod
from typing import NamedTuple, Protocol, runtime_checkable


class Point(NamedTuple):
    x: float = 0.0
    y: float = 0.0


@runtime_checkable
class HasArea(Protocol):
    def area(self) -> float: ...


class Shape(ABC):
    registry = {}

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        Shape.registry[cls.__name__.lower()] = cls

    @abstractmethod
    def area(self): ...

    @classmethod
    def make(cls, name, *args):
        return cls.registry[name](*args)

    def __str__(self):
        return f"{type(self).__qualname__} of area {self.area():.3f}"


class Circle(Shape):
    def __init__(self, radius):
        self.radius = radius

    def area(self):
        return math.pi * self.radius**2


class Square(Shape):
    def __init__(self, side):
        self.side = side

    def area(self):
        return self.side**2


shapes = [Shape.make("circle", 1.5), Shape.make("square", 2)]
print(*shapes, sep="\n")
print([isinstance(shape, HasArea) for shape in [*shapes, Point()]], Point(1)._replace(y=2), issubclass(Circle, Shape))
print(max(shapes, key=lambda shape: shape.area()).radius)
Shape()
