"""Recognise what was sent instead of a script: Markdown, an interactive session, a notebook, escaped text.

The compiler's own message would name only the first character that it did not expect.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

#: The first or the last line of a code block in Markdown.
_FENCE: Final = re.compile(r" {0,3}(?:`{3,}[^`]*|~{3,}+\s*+\w*+\s*+)")

_INSTALL: Final = re.compile(r"\s*+[%!]?\s*+(?:python3?\s++-m\s++)?pip3?\s++install\b")

#: Beginnings of lines that are no Python, each with what the client should do.
_BEGINNINGS: Final = (
    (re.compile(r"\s*(?:%{1,2}|!)[a-z]"), "the line is a command for a notebook: remove it"),
    (
        re.compile(r"\s*>>>"),
        "the script has the prompts of an interactive session: send the lines without them",
    ),
)


@dataclass(frozen=True, slots=True)
class Mistake:
    """What the client sent instead of a script.

    Attributes:
        message: What it is and what the client should do.
        line: The line that shows it, counted from 1.
    """

    message: str
    line: int


def find_mistake(lines: list[str], line: int, column: int, parses: Callable[[str], bool]) -> Mistake | None:
    """Return the mistake that explains a syntax error, None if no known one does.

    Args:
        lines: The lines of the script.
        line: The line of the error, from 1.
        column: The column of the error, from 1.
        parses: Whether a text is valid Python.
    """
    wrong = lines[line - 1]
    if fence := _find_fence(lines, line, parses):
        message = "the script is inside a Markdown fence: send only the lines between the fences"
        return Mistake(message, fence)
    if len(lines) == 1 and r"\n" in wrong and wrong[column - 2 : column - 1] == "\\":
        message = r"the script is one line that holds \n instead of line breaks: it was escaped twice"
        return Mistake(message, line)
    if _INSTALL.match(wrong):
        return Mistake("a script cannot install packages: remove the line", line)
    # Otherwise the line may continue an expression of the line before.
    if not wrong[: column - 1].strip():
        return next((Mistake(message, line) for known, message in _BEGINNINGS if known.match(wrong)), None)
    return None


def _find_fence(lines: list[str], line: int, parses: Callable[[str], bool]) -> int | None:
    """Return the line of the first fence if the error is the fence's; it may also be in a string."""
    fences = [number for number, text in enumerate(lines, 1) if _FENCE.fullmatch(text)]
    if not fences:
        return None
    first, last = fences[0], fences[1] if len(fences) > 1 else len(lines) + 1
    begins = not any(text.strip() for text in lines[: first - 1])
    inside = "\n".join(lines[first : last - 1])
    if begins or line in fences or (line < first and inside.strip() and parses(inside)):
        return first
    return None
