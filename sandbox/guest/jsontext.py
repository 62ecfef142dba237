"""JSON values as text, and back, by the functions in C that the json package is built upon.

The package itself brings re, enum and more along: in a jail that is started for one job that is a quarter of
what the start costs, and most scripts need none of it.
"""

from __future__ import annotations

import _json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn


def encode(value: Any) -> str:
    """Return `value` as json.dumps does. Raises TypeError or ValueError, for NaN and Infinity too."""
    # One for each value: after an error it would hold what it was in the middle of.
    encoder = _json.make_encoder({}, _refuse, _json.encode_basestring, None, ": ", ", ", False, False, False)
    return "".join(encoder(value, 0))


def decode(text: str) -> Any:
    """Return the value `text` says, which `encode` returned. Raises ValueError."""
    try:
        value, end = _scan(text, 0)
    except StopIteration:
        end = -1
    if end != len(text):
        raise ValueError("no JSON")
    return value


def _refuse(value: object) -> NoReturn:
    raise TypeError(f"Object of type {value.__class__.__name__} is not JSON serializable")


class _Python:
    """What the scanner is to make of what it finds: what json.loads makes of it."""

    strict = True
    object_hook = object_pairs_hook = None
    parse_float = parse_constant = float
    parse_int = int


# The stubs want another scanner; what it takes is anything with these names.
_scan = _json.make_scanner(_Python)  # type: ignore[arg-type]
