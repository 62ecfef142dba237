"""Text that others wrote, made safe to show in a line of our own."""

import json
import re
from typing import Any, Final

#: The most characters of a text in a message.
LONGEST: Final = 2000

_PLAIN: Final = re.compile(r"[^\x20-\x7e]+")


def escape(text: str, longest: int = LONGEST) -> str:
    r"""Return a text as one printable line: a line break becomes `\n`, an escape character `\x1b`."""
    cut = text[:longest]
    shown = "".join(one if one.isprintable() else _escape(one) for one in cut)
    return shown + ("…" if len(text) > longest else "")


def json_line(value: Any) -> str:
    """Return a value as one line of JSON. Characters that a terminal would obey are escaped."""
    line = json.dumps(value, ensure_ascii=False)
    return _PLAIN.sub(lambda found: "".join(map(_escape_json, found[0])), line)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def _escape_json(character: str) -> str:
    return character if character.isprintable() else json.dumps(character)[1:-1]
