r"""The output of a script, made harmless for a terminal.

A terminal obeys escape sequences: they move the cursor over earlier lines, clear them, set the title, or
write the clipboard. So a script could change what the command itself says. The filter lets through text,
tabs, line ends and colours. Any other control character is shown as Python would write it, for example
`\x1b`. A carriage return stays, because it reaches only the line that the script is writing.

Controls that change the direction of text do not reach other lines, but a line could read differently from
what it is, as a file name for example. So they are shown, too. The marks U+200E and U+200F stay: they turn
nothing around, and texts in Arabic or Hebrew need them.
"""

import re
from collections.abc import Iterator
from typing import Final

#: Ends every colour and style.
RESET: Final = "\x1b[0m"

# C0 but tab, line feed and carriage return; DEL; C1; separators of lines; embeddings, overrides and isolates.
_UNSAFE: Final = re.compile(
    r"\x1b\[(?P<styles>[0-9;:]{0,64})m|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_INCOMPLETE: Final = re.compile(r"\x1b(?:\[[0-9;:]{0,64})?\Z")
_STYLES_AT_END: Final = re.compile(r"(?:\x1b\[[0-9;:]*m)+\Z")

#: Reset, bold, dim, italic, underlined, their ends, and the colours. Not inverse, which marks the lines of
#: the command itself; not concealed and not blinking.
_ALLOWED: Final = frozenset(
    {0, 1, 2, 3, 4, 22, 23, 24, 39, 49, *range(30, 38), *range(40, 48), *range(90, 98), *range(100, 108)}
)

#: How many numbers follow 38 or 48, by the first of them: a number of a palette, or red, green and blue.
_COLOUR_NUMBERS: Final = {5: 1, 2: 3}


class TerminalFilter:
    """Filters one output, of which the parts can end anywhere."""

    def __init__(self, *, colour: bool) -> None:
        """Begin.

        Args:
            colour: Whether colours are kept.
        """
        self.styled = False
        self._colour = colour
        self._incomplete = ""

    def feed(self, text: str) -> str:
        """Return what can be shown of the output so far."""
        text = self._incomplete + text
        found = _INCOMPLETE.search(text)
        self._incomplete = found[0] if found else ""
        return self._filter(text[: found.start()] if found else text)

    def end(self) -> str:
        """Return the rest of the output, and the end of its colours."""
        rest, self._incomplete = self._filter(self._incomplete), ""
        if self.styled:
            rest, self.styled = rest + RESET, False
        return rest

    def _filter(self, text: str) -> str:
        return _UNSAFE.sub(self._replace, text)

    def _replace(self, found: re.Match[str]) -> str:
        if found["styles"] is None:
            return found[0].encode("unicode_escape").decode("ascii")
        styles = ";".join(_allowed(found["styles"])) if self._colour else ""
        if not styles:
            return ""
        self.styled = True
        return f"\x1b[{styles}m"


def ends_line(text: str, before: bool) -> bool:
    """Return whether the cursor is in an empty line after a text, given whether it was before."""
    text = _STYLES_AT_END.sub("", text)
    return text.endswith("\n") if text else before


def _allowed(styles: str) -> Iterator[str]:
    """Yield the parameters of a sequence that set a colour or an allowed style."""
    numbers = iter(styles.split(";"))
    for number in numbers:
        if ":" in number:
            if number.split(":")[0] in ("4", "38", "48"):
                yield number
        elif int(number or "0") in (38, 48):
            kind = next(numbers, "")
            rest = [
                next(numbers, "") for _ in range(_COLOUR_NUMBERS.get(int(kind), 0) if kind.isdigit() else 0)
            ]
            # A terminal could read what follows an incomplete colour in another way than this filter.
            if not rest or not all(one.isdigit() for one in rest):
                return
            yield ";".join([number, kind, *rest])
        elif int(number or "0") in _ALLOWED:
            yield number or "0"
