"""Texts about objects of a script, whose own methods may raise any exception."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

#: The most characters of a text in a report.
_LENGTH: Final = 32 * 1024

_NAME: Final = type.__dict__["__name__"].__get__


def type_name(value: object) -> str:
    """Return the name of the type of `value`."""
    # Not type(value).__name__, which a metaclass can override.
    return shorten(_NAME(type(value)), 100)


def with_article(value: object) -> str:
    """Return the name of the type of `value`, with its article."""
    if value is None:
        return "None"
    name = type_name(value)
    return f"{'an' if name[:1] in 'aeiouAEIOU' else 'a'} {name}"


def text_of(value: object, convert: Any = str) -> str:
    """Convert `value` with the script's own methods."""
    try:
        return str(convert(value))
    except BaseException:
        return f"<{type_name(value)}>"


def shorten(text: str, limit: int = _LENGTH) -> str:
    """Return `text` with at most about `limit` characters, without its middle if it has more."""
    return text if len(text) <= limit else f"{text[: limit // 2]}\n[...]\n{text[-limit // 2 :]}"
