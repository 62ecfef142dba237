"""JSON texts of bounded size.

`json.dumps` writes each character that is not ASCII as six or twelve bytes. Here it stays as it is in UTF-8,
which takes two to four. Two kinds of characters are longer as JSON than in UTF-8: a control character takes
up to six bytes, and a quote, a backslash or a line break takes two.
"""

import json
import re
from typing import Any, Final, NewType

#: One JSON value in UTF-8. The service passes it on without decoding it.
JSONText = NewType("JSONText", bytes)

# json.dumps and json.loads make a new encoder or decoder in each call with options, which takes longer than a
# small value.
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

#: Half of a surrogate pair. UTF-8 cannot encode it, so it stays escaped.
_SURROGATE: Final = re.compile("[\ud800-\udfff]")

#: A cut separates fewer bytes than this from the rest of a character or of an escape.
_CUT_OFF: Final = 6


def encode(value: Any) -> str:
    """Return a value as compact JSON that UTF-8 can encode."""
    text = _ENCODER.encode(value)
    return text if text.isascii() else _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def shorten(text: str, limit: int) -> str:
    """Return the longest beginning of a text within two limits.

    It takes at most `limit` bytes in UTF-8, and at most twice as many between the quotes of JSON.

    Args:
        text: A text that UTF-8 can encode.
        limit: The most bytes.
    """
    if len(text) * 4 <= limit:
        return text  # No character takes more than 4 bytes in UTF-8, and none more than 6 as JSON.
    fitting = text.encode()[:limit].decode(errors="ignore")
    quoted = json.dumps(fitting, ensure_ascii=False).encode()
    if len(quoted) <= 2 * limit + 2:
        return fitting
    # The cut may be inside a character or an escape. Such a text cannot be decoded.
    for missing in range(_CUT_OFF):
        try:
            return str(json.loads(quoted[: 2 * limit + 1 - missing] + b'"'))
        except ValueError:
            continue
    raise AssertionError("a cut separates fewer than six bytes")
