# sandboxes: slot fresh
import copy
import pickle
from dataclasses import dataclass


@dataclass
class Point:
    x: int
    y: int


def double(n):
    return 2 * n


def main():
    data = pickle.dumps([Point(1, 2), double])
    points, function = pickle.loads(data)
    return {
        "point": repr(points),
        "function": function(4),
        "module": Point.__module__,
        "named": b"__main__" in data,
        "copy": copy.deepcopy(Point(3, 4)) == Point(3, 4),
    }
