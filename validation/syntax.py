"""Parse and compile a script with CPython's own compiler, without running it."""

import ast
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from validation.errors import Rejection, too_complex
from validation.mistakes import find_mistake

_FILENAME: Final = "script.py"
#: The line endings of the compiler. `str.splitlines` splits at more characters.
_NEWLINE: Final = re.compile(r"\r\n|\r|\n")
#: Besides SyntaxError, the errors that the compiler raises for a text that it cannot process.
_COMPILER_ERRORS: Final = (RecursionError, MemoryError, SystemError, OverflowError, ValueError)

#: `warnings.catch_warnings` changes the state of the whole process: only one thread at a time may use it.
_LOCK: Final = threading.Lock()


def without_mark(script: str) -> str:
    """Return the script without a byte order mark at its start. Python skips one too when it reads a file."""
    return script.removeprefix("\ufeff")


def check_text(script: str) -> None:
    """Raise `Rejection` for a null byte or half of a surrogate pair, which no source file can contain."""
    index, fault = script.find("\0"), "a null byte"
    try:
        script.encode()
    except UnicodeEncodeError as error:
        index, fault = error.start, "half of a surrogate pair"
    if index >= 0:
        before = _NEWLINE.split(script[:index])
        raise Rejection("syntax_error", f"the script holds {fault}", len(before), len(before[-1]) + 1)


def parse(script: str) -> ast.Module:
    """Return the syntax tree of the script, or raise `Rejection`."""
    try:
        with _quiet():
            return ast.parse(script, _FILENAME)
    except SyntaxError as error:
        raise _explained(script, error) from None
    except _COMPILER_ERRORS:
        raise too_complex() from None


def check_compiles(script: str, tree: ast.Module) -> None:
    """Raise `Rejection` for errors that only compiling finds, such as a `return` outside a function."""
    try:
        with _quiet():
            compile(tree, _FILENAME, "exec", dont_inherit=True)
    except SyntaxError as error:
        column = error.offset and to_character_column(script, error.lineno or 1, error.offset - 1)
        raise _located(script, error, column) from None
    except _COMPILER_ERRORS:
        raise too_complex() from None


def to_character_column(script: str, line: int, offset: int) -> int:
    """Return the column in characters, from 1, of a syntax tree's offset in UTF-8 bytes, from 0."""
    lines = _NEWLINE.split(script, maxsplit=line)
    return len(lines[line - 1].encode()[:offset].decode(errors="ignore")) + 1 if line <= len(lines) else 1


def _explained(script: str, error: SyntaxError) -> Rejection:
    """Return the rejection for a text that cannot be parsed: with a known mistake if it shows one."""
    rejection = _located(script, error, error.offset)
    if rejection.line and rejection.column:
        mistake = find_mistake(_NEWLINE.split(script), rejection.line, rejection.column, _parses)
        if mistake:
            return Rejection("syntax_error", mistake.message, mistake.line, 1)
    return rejection


def _parses(text: str) -> bool:
    try:
        with _quiet():
            ast.parse(text, _FILENAME)
    except (SyntaxError, *_COMPILER_ERRORS):
        return False
    return True


def _located(script: str, error: SyntaxError, column: int | None) -> Rejection:
    # At the end of the text, CPython may name a line or a column past it; 0 means that it knows none.
    lines = _NEWLINE.split(script)
    line, message = min(error.lineno or 0, len(lines)), " ".join(error.msg.split())
    if line < 1:
        return Rejection("syntax_error", message)
    return Rejection("syntax_error", message, line, max(1, min(column or 1, len(lines[line - 1]) + 1)))


@contextmanager
def _quiet() -> Iterator[None]:
    """Ignore the compiler's warnings, whatever warning filters the process has."""
    with _LOCK, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
