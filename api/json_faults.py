"""Why a body is not JSON, in the service's own words."""

import math
import re
from collections.abc import Iterator
from typing import Any, Final

#: The words for each fault that the parser (pydantic_core) finds.
FAULTS: Final = {
    "EOF while parsing a value": "it ends where a value should begin",
    "EOF while parsing a string": "it ends inside a string",
    "EOF while parsing a list": "it ends inside a list",
    "EOF while parsing an object": "it ends inside an object",
    "expected `:`": "a : should be here",
    "expected `,` or `]`": "a , or ] should be here",
    "expected `,` or `}`": "a , or } should be here",
    "expected ident": "only true, false and null have no quotes",
    "expected value": "a JSON value should begin here",
    "key must be a string": "a name in double quotes should be here",
    "trailing comma": "the , before ] or } is too much",
    "trailing characters": "it goes on after the value",
    "invalid number": "this is not a JSON number",
    "number out of range": "this number has too many digits",
    "invalid escape": "JSON has no such escape",
    "invalid unicode code point": "these bytes are not UTF-8",
    "control character (\\u0000-\\u001F) found while parsing a string": (
        "a string cannot have a control character; write a line break as \\n"
    ),
    "lone leading surrogate in hex escape": "this escape is half of a surrogate pair",
    "unexpected end of hex escape": "this escape is half of a surrogate pair",
    "recursion limit exceeded": "it is nested too deeply",
}

_PLACED: Final = re.compile(r"(?P<fault>.*) at line (?P<line>\d+) column (?P<column>\d+)")


def json_fault(error: ValueError, data: bytes) -> str:
    """Return the place and the reason of a parser's error."""
    if not data.strip():
        return "it is empty"
    if not (placed := _PLACED.fullmatch(str(error))):
        return "it cannot be read"
    line, column = int(placed["line"]), int(placed["column"])
    lines = data.split(b"\n")
    if column == 0 and line > 1:
        # The parser has just read the line break.
        line -= 1
        column = len(lines[line - 1]) + 1
    # The parser counts bytes.
    before = lines[line - 1][: max(0, column - 1)]
    column = len(before.decode(errors="replace")) + 1
    reason = FAULTS.get(placed["fault"], "it cannot be read")
    return f"line {line}, column {column}: {reason}"


def infinite_path(body: Any) -> tuple[int | str, ...] | None:
    """Return the path of the first number that is infinite as a float, such as 1e999; None if there is none.

    The body may hold half a million values. So this is a loop, without a call or a path for each of them.
    """
    keys: list[int | str] = []
    open_containers = [_items(body)]
    while open_containers:
        for key, item in open_containers[-1]:
            if isinstance(item, float) and not math.isfinite(item):
                return (*keys, key)
            if item and isinstance(item, (dict, list)):
                keys.append(key)
                open_containers.append(_items(item))
                break
        else:
            open_containers.pop()
            del keys[-1:]
    return None


def _items(value: Any) -> Iterator[tuple[int | str, Any]]:
    return iter(value.items() if isinstance(value, dict) else enumerate(value))
