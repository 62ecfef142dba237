"""Tables for people to read."""

from collections.abc import Sequence
from typing import Final

from python_executor.pyexec.text import escape

#: The most characters of a cell.
_WIDEST: Final = 100


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return the lines of a table. Its cells may contain what others wrote."""
    lines = [list(head), *([escape(cell, _WIDEST) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
