"""A script's syntax, as CPython's own compiler sees it."""

import ast
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from validation.rejection import Rejection, too_complex

_FILENAME: Final = "script.py"
#: What ends a line for the compiler; `str.splitlines` knows more.
_NEWLINE: Final = re.compile(r"\r\n|\r|\n")
#: Besides SyntaxError, what the compiler raises on a text it cannot manage.
_GIVES_UP: Final = (RecursionError, MemoryError, SystemError, OverflowError, ValueError)

#: `warnings.catch_warnings` changes the whole process; under this lock it does so one thread at a time.
_LOCK: Final = threading.Lock()


def check_text(script: str) -> None:
    """Raise `Rejection` if the text holds what no source file can."""
    index, what = script.find("\0"), "a null byte"
    try:
        script.encode()
    except UnicodeEncodeError as error:
        index, what = error.start, "half of a surrogate pair"
    if index >= 0:
        before = _NEWLINE.split(script[:index])
        raise Rejection("syntax_error", f"the script holds {what}", len(before), len(before[-1]) + 1)


def parse(script: str) -> ast.Module:
    """Return the syntax tree, or raise `Rejection`."""
    try:
        with _quiet():
            return ast.parse(script, _FILENAME)
    except SyntaxError as error:
        raise _located(script, error, error.offset) from None
    except _GIVES_UP:
        raise too_complex() from None


def check_compiles(script: str, tree: ast.Module) -> None:
    """Raise `Rejection` for what parsing does not find: a `return` outside a function, a name bound twice."""
    try:
        with _quiet():
            compile(tree, _FILENAME, "exec", dont_inherit=True)
    except SyntaxError as error:
        column = error.offset and character(script, error.lineno or 1, error.offset - 1)
        raise _located(script, error, column) from None
    except _GIVES_UP:
        raise too_complex() from None


def character(script: str, line: int, offset: int) -> int:
    """Return the column, in characters from 1, of an offset in UTF-8 bytes, which syntax trees have."""
    lines = _NEWLINE.split(script, maxsplit=line)
    return len(lines[line - 1].encode()[:offset].decode(errors="ignore")) + 1 if line <= len(lines) else 1


def _located(script: str, error: SyntaxError, column: int | None) -> Rejection:
    # At the end of the text CPython may name a line or a column past it, and 0 for one it does not know.
    lines = _NEWLINE.split(script)
    line = min(error.lineno or 0, len(lines))
    if line < 1:
        return Rejection("syntax_error", error.msg)
    return Rejection("syntax_error", error.msg, line, max(1, min(column or 1, len(lines[line - 1]) + 1)))


@contextmanager
def _quiet() -> Iterator[None]:
    """Neither print the compiler's warnings nor let the process's filters make errors of them."""
    with _LOCK, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
