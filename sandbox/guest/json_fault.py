"""The reason why a value that a script returned is no JSON value, with its place, in words."""

from __future__ import annotations

import _codecs

from sandbox.guest.texts import shorten, text_of, with_article

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: The most levels of a result, so that every later reader can parse it.
RESULT_DEPTH: Final = 100

#: The most digits of an integer in a result: what Python's own JSON reader takes by default.
RESULT_DIGITS: Final = 4300

#: Integers of fewer bits have at most RESULT_DIGITS digits.
_BITS: Final = 14_285
_DIGITS_OF_A_BIT: Final = 0.301029995663981


def find_fault(value: object, path: str = "result", parents: tuple[object, ...] = ()) -> str | None:
    """Return which part of `value` is not JSON, None if all of it is.

    Args:
        value: The value.
        path: Its place, as an expression.
        parents: The containers around it.
    """
    if isinstance(value, str):
        return _fault_of_text(value, path)
    if isinstance(value, int):
        return _fault_of_integer(value, path)
    if isinstance(value, float):
        shown = float.__repr__(value)
        return f"{path} is {shown}, which is no JSON value" if shown in {"nan", "inf", "-inf"} else None
    if not isinstance(value, (dict, list, tuple)):
        return None if value is None else f"{path} is {with_article(value)}, which is no JSON value"
    if id(value) in map(id, parents):
        return f"{path} contains itself"
    if len(parents) == RESULT_DEPTH:
        return f"the result is nested more than {RESULT_DEPTH} levels deep"
    if isinstance(value, dict):
        if fault := _fault_of_keys(list(value), path):
            return fault
        items = [(str.__repr__(key), item) for key, item in value.items()]
    else:
        items = [(str(index), item) for index, item in enumerate(value)]
    for key, item in items:
        if fault := find_fault(item, f"{path}[{key}]"[:200], (*parents, value)):
            return fault
    return None


def join_surrogates(text: str) -> str:
    """Return `text` with each surrogate pair as the one character that it stands for."""
    # Not str.encode, which imports this encoding: the script may have made imports impossible.
    units, _ = _codecs.utf_16_le_encode(text, "surrogatepass")
    joined, _ = _codecs.utf_16_le_decode(units, "surrogatepass", True)
    return joined


def _fault_of_keys(keys: list[object], path: str) -> str | None:
    joined = set()
    for key in keys:
        if not isinstance(key, str):
            shown = f"{shorten(text_of(key, repr), 100)}, {with_article(key)}"
            return f"{path} has the key {shown}; keys must be strings"
        if fault := _fault_of_text(key, f"a key of {path}"):
            return fault
        joined.add(join_surrogates(key))
    return f"{path} has the same key twice" if len(joined) < len(keys) else None


def _fault_of_text(text: str, path: str) -> str | None:
    try:
        join_surrogates(text).encode()
    except UnicodeEncodeError as error:
        half = error.object[error.start].encode("ascii", "backslashreplace").decode()
        return f"{path} has half of a surrogate pair, {half}, at index {error.start}"
    return None


def _fault_of_integer(value: int, path: str) -> str | None:
    bits = int.bit_length(value)
    if bits < _BITS or int.__abs__(value) < 10**RESULT_DIGITS:
        return None
    digits = int(bits * _DIGITS_OF_A_BIT) + 1
    return f"{path} is an integer of about {digits} digits; at most {RESULT_DIGITS} are allowed"
