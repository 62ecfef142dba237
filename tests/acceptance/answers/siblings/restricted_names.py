# sandboxes: restricted
import dataclasses
import functools
import operator
import string
import sys
import typing


@functools.singledispatch
def kind(value):
    return "any"


@kind.register
def _(value: int):
    return "int"


def annotated(a: int, b: str) -> bool:
    return True


def main():
    try:
        raise KeyError("k")
    except KeyError:
        name = sys.exc_info()[0].__name__
    point = dataclasses.make_dataclass("Point", ["x", "y"])(1, 2)
    return {
        "kind": [kind(1), kind("")],
        "upper": operator.methodcaller("upper")("x"),
        "sorted": sorted([{"n": 2}, {"n": 1}], key=operator.itemgetter("n")),
        "hints": sorted(typing.get_type_hints(annotated)),
        "name": name,
        "format": string.Formatter().format("{0:>4}|{name}", 1, name="n"),
        "point": repr(point),
        "eval": eval("1 + 1"),
    }
