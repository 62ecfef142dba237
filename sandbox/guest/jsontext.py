"""Encode and decode JSON with the C functions that the json package is built on.

The json package itself imports re, enum and more. In a fresh jail these imports are a quarter of the start-up
time, and most scripts need none of them.
"""

from __future__ import annotations

# By name: a script may replace the attributes of the module.
from _json import encode_basestring, make_encoder, make_scanner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn


def encode(value: Any) -> str:
    """Return `value` as json.dumps does. Raises TypeError or ValueError, for NaN and Infinity too."""
    # A new encoder for each value: after an error, an encoder still holds its markers of open containers.
    encoder = make_encoder({}, _refuse, encode_basestring, None, ": ", ", ", False, False, False)
    return "".join(encoder(value, 0))


def decode(text: str) -> Any:
    """Return the value of `text`, which `encode` has made. Raises ValueError for any other text."""
    try:
        value, end = _scan(text, 0)
    except StopIteration:
        end = -1
    if end != len(text):
        raise ValueError("not JSON")
    return value


def _refuse(value: object) -> NoReturn:
    raise TypeError(f"Object of type {value.__class__.__name__} is not JSON serializable")


class _ScannerOptions:
    """The Python types that the scanner makes of JSON values, the same as json.loads."""

    strict = True
    object_hook = object_pairs_hook = None
    parse_float = parse_constant = float
    parse_int = int


# The type stubs want a JSONDecoder. The function takes any object with these attributes.
_scan = make_scanner(_ScannerOptions)  # type: ignore[arg-type]
