"""Patterns that say which files of a job are its artifacts: `*.png`, `out/**`.

In a part of a pattern `*`, `?` and `[…]` mean what they mean in a shell. A part `**` stands for any number of
parts, as the last part for one or more. As in a shell, a wildcard does not match a dot at the beginning of a
part.

The patterns follow a path from the working folder downwards, one part at a time. So a folder in which no
pattern can match need not be read, and the time for a part is bounded by the patterns alone.
"""

import fnmatch
import re
from collections.abc import Callable, Iterable
from typing import Final, Self

#: A part that stands for any number of parts.
_ANY: Final = "**"

#: The end of a pattern.
_END: Final = None

_Matcher = Callable[[str], object]
_Part = _Matcher | str | None

#: The characters that make a part of a pattern more than a name.
_WILDCARDS: Final = frozenset("*?[")


class Patterns:
    """Patterns, or what is left of them below a folder."""

    def __init__(self, parts: tuple[_Part, ...], places: frozenset[int]) -> None:
        """Take the parts of all patterns, each pattern with its end, and the places reached in them."""
        self._parts = parts
        self._places = places

    @classmethod
    def of(cls, patterns: Iterable[str]) -> Self:
        """Return the patterns as they are in the working folder."""
        parts: list[_Part] = []
        places = []
        for pattern in patterns:
            places.append(len(parts))
            parts += _compile(pattern)
        return cls(tuple(parts), frozenset(places))

    @property
    def match(self) -> bool:
        """Whether a file matches at the place reached."""
        return any(self._parts[place] is _END for place in self._places)

    @property
    def lead_on(self) -> bool:
        """Whether a file below the place reached can match."""
        return any(self._parts[place] is not _END for place in self._places)

    def below(self, name: str) -> Self:
        """Return what is left of the patterns at `name`, the next part of a path."""
        places = set()
        for place in self._places:
            is_any = self._parts[place] is _ANY
            if is_any and not name.startswith("."):
                places.add(place)
            # `_compile` puts a matcher behind each ANY.
            matcher = self._parts[place + is_any]
            if callable(matcher) and matcher(name):
                places.add(place + is_any + 1)
        return type(self)(self._parts, frozenset(places))


def _compile(pattern: str) -> list[_Part]:
    """Return the parts of a pattern and its end. Several `**` in a row mean the same as one."""
    words = pattern.split("/")
    if words[-1] == _ANY:
        words.append("*")
    parts: list[_Part] = []
    for word in words:
        if word != _ANY:
            parts.append(_matcher(word))
        elif not parts or parts[-1] is not _ANY:
            parts.append(_ANY)
    return [*parts, _END]


def _matcher(word: str) -> _Matcher:
    """Return the matcher for a part other than `**`.

    The expression does not backtrack past a `*` (fnmatch.translate makes atomic groups). Unlike fnmatchcase,
    this keeps no expression of a client in a cache of thousands.
    """
    if _WILDCARDS.isdisjoint(word):
        return word.__eq__
    visible = "" if word.startswith(".") else r"(?!\.)"
    return re.compile(visible + fnmatch.translate(word)).match
