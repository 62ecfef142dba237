"""Text of a script, made safe and short for a model.

Such text is hostile: it may imitate the words of this server, or control the terminal of a client.
"""

import json
import re
from dataclasses import dataclass
from typing import Final

_NEWLINES: Final = re.compile(r"\r\n?")

#: Control characters of both sets but tab and newline, and halves of surrogate pairs, which UTF-8 cannot say.
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A text that may have lost its middle.

    Attributes:
        text: What is left, with a note in place of the middle.
        missing: How many characters the note stands for.
    """

    text: str
    missing: int = 0


def clean(text: str) -> str:
    r"""Return a text without control characters, which are shown as in Python's source, such as `\x1b`."""
    return _UNPRINTABLE.sub(_show, _NEWLINES.sub("\n", text))


def excerpt(text: str, most: int) -> Excerpt:
    """Clean a text, and cut it to its head and its tail if it has more than so many characters."""
    text = clean(text)
    missing = len(text) - most
    if missing <= 0:
        return Excerpt(text)
    head, tail = text[: most // 2], text[len(text) - (most - most // 2) :]
    return Excerpt(f"{head}\n[{missing:,} characters are missing here]\n{tail}", missing)


def quote(text: str, most: int) -> str:
    """Return a text as one line in quotes, which cannot end before its last quote.

    Characters that are invisible, break lines as U+2028 does, or change the direction are shown as escapes.
    """
    text = clean(text)
    cut = text if len(text) <= most else text[:most] + "…"
    shown = "".join(one if one.isprintable() or one in "\t\n" else _escape(one) for one in cut)
    return json.dumps(shown, ensure_ascii=False)


def fence(label: str, text: str, mark: str) -> str:
    """Put a text between two lines with a mark that its author could not know."""
    return f"<{label} {mark}>\n{text.removesuffix(chr(10))}\n</{label} {mark}>"


def _show(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else "\N{REPLACEMENT CHARACTER}"


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
