"""JSON as its standard defines it, in both directions: no NaN, and only text as a key."""

import json
import math
from collections.abc import Iterable
from typing import Any, Final, NoReturn

#: The deepest value that is sent.
MOST_LEVELS: Final = 200


def encode(value: Any) -> bytes:
    """Encode a JSON value that `check` accepts."""
    return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()


def decode(content: bytes | str) -> Any:
    """Decode JSON. Raises ValueError if it is none, or is nested too deep."""
    try:
        return json.loads(content, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("the JSON is nested too deep") from None


def check(name: str, value: Any) -> None:
    """Check that a value is JSON, so that the service gets what the caller meant.

    Raises:
        ValueError: It is not. The message has the place, as in `inputs['rows'][3]`.
    """
    _check(name, value, 0)


def _check(place: str, value: Any, level: int) -> None:
    if level > MOST_LEVELS:
        raise ValueError(f"{place[:100]}…: is nested more than {MOST_LEVELS} levels deep")
    each: Iterable[tuple[Any, Any]]
    match value:
        case None | bool() | str():
            return
        case int():
            _check_int(place, value)
            return
        case float():
            if not math.isfinite(value):
                raise ValueError(f"{place}: {value} is not a JSON value")
            return
        case dict():
            each = value.items()
            for key in value:
                if not isinstance(key, str):
                    raise ValueError(f"{place}: the key {key!r} is not a string")
        case list() | tuple():
            each = enumerate(value)
        case _:
            raise ValueError(f"{place}: a {type(value).__name__} is not a JSON value")
    for key, inner in each:
        _check(f"{place}[{key!r}]", inner, level + 1)


def _check_int(place: str, value: int) -> None:
    try:
        str(value)
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from None


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")
