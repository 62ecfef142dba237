"""The report of a runner about its script, as plain JSON values.

The report contains no path or frame of the guest. The worker decides the outcome in sandbox/verdict.py.
"""

from __future__ import annotations

import _io
import sys

from sandbox.guest import jsontext
from sandbox.guest.json_fault import RESULT_DIGITS, find_fault, join_surrogates
from sandbox.guest.texts import shorten, text_of, type_name, with_article

TYPE_CHECKING = False
if TYPE_CHECKING:
    import traceback
    from typing import Any, Final

#: The script's file name in tracebacks.
SCRIPT: Final = "script.py"

#: The script's file. The restricted executor has no files, and the same name.
FILE: Final = "/tmp/script.py"  # noqa: S108

#: The file name of code of the guest that has no file.
SANDBOX: Final = "<sandbox>"

#: The first number that a C long cannot hold.
_LONG: Final = 1 << 63

#: The first number that is no line: the interpreter counts lines in a C int.
_LINES: Final = 1 << 31

#: The descriptor of the job socket. All higher descriptors are the script's.
_JOB: Final = 3

#: The interpreter's default limit of recursion.
_DEPTH: Final = 1000

# Keep references: the script may replace the attributes of the module.
_GET_DEPTH, _SET_DEPTH = sys.getrecursionlimit, sys.setrecursionlimit
_GET_DIGITS, _SET_DIGITS = sys.get_int_max_str_digits, sys.set_int_max_str_digits

#: The import path and finders, saved before a script could change them.
_PATH: Final = tuple(sys.path)
_FINDERS: Final = tuple(sys.meta_path)

if TYPE_CHECKING:
    Report = dict[str, Any]


def remember_lines(script: str) -> None:
    """Let tracebacks show the lines of the script, whether or not its file can be read."""
    import linecache

    # Not splitlines: it also ends a line at a form feed, U+2028 and others, which the interpreter does not.
    lines = _io.StringIO(script.removeprefix("\ufeff"), newline=None).readlines()
    if lines and not lines[-1].endswith("\n"):
        # As linecache does: traceback counts the end of a line when it places its marks.
        lines[-1] += "\n"
    linecache.cache[SCRIPT] = (len(script), None, lines, SCRIPT)


def of_end() -> Report:
    """Report that a program has run to its end."""
    return {"kind": "end"}


def main_not_callable(found: object) -> Report:
    """Report that `main` is not a function, or is not defined."""
    fault = "not defined when the script has run" if found is None else f"{with_article(found)}, not callable"
    return {"kind": "main_not_callable", "message": f"main is {fault}"}


def of_exit(stop: Any) -> Report:
    """Report sys.exit with the exit status that the interpreter would give it."""
    code = stop.code
    if code is None or isinstance(code, int):
        # A number that no C long holds counts as -1 (_Py_HandleSystemExit in Python/pythonrun.c).
        status = (code or 0) & 0xFF if code is None or -_LONG <= code < _LONG else 0xFF
        return {"kind": "exit", "code": status, "message": f"the script exited with status {status}"}
    return {"kind": "exit", "code": 1, "message": shorten(f"the script exited: {text_of(code)}")}


def of_result(result: object, limit: int) -> Report:
    """Report the result of `main`, or why it is not a JSON object of at most `limit` bytes."""
    if not isinstance(result, dict):
        return _invalid(f"main returned {with_article(result)}; it must return a dict")
    # The script may have changed these limits: too low for a result of the promised size, or so high that the
    # encoder overflows the stack.
    depth, digits = _GET_DEPTH(), _GET_DIGITS()
    _SET_DEPTH(_DEPTH)
    _SET_DIGITS(RESULT_DIGITS)
    try:
        return _of_result(result, limit)
    finally:
        # Not lower ones: the report is as deep as the result, and its integers are as long.
        _SET_DEPTH(max(depth, _DEPTH))
        _SET_DIGITS(digits and max(digits, RESULT_DIGITS))


def _of_result(result: dict[Any, Any], limit: int) -> Report:
    fault = None
    try:
        text = jsontext.encode(result)
        # The encoder turns other keys into strings. If decoding gives the same value, the result was JSON.
        if jsontext.decode(text) != result:
            fault = find_fault(result)
        if not text.isascii() and text != (text := join_surrogates(text)):
            # Two keys may be the same now.
            fault = fault or find_fault(result)
        size = len(text.encode())
        result = jsontext.decode(text)
    except (RecursionError, TypeError, ValueError) as error:
        fault = find_fault(result) or f"the result is no JSON object: {shorten(text_of(error), 200)}"
    if fault:
        return _invalid(fault)
    if size > limit:
        return {"kind": "result_too_large", "size": size}
    # The decoded value: another reading of the script's objects could give something else.
    return {"kind": "result", "result": result}


def of_exception(error: BaseException, script: str = "") -> Report:
    """Report an uncaught exception with the script's own frames and the lines of `script`."""
    try:
        return _exception(error, script)
    except BaseException:
        # The script controls its names, texts, notes and lines, and reading them may raise.
        return {"kind": "exception", "message": type_name(error), "line": None, "traceback": None}


def _exception(error: BaseException, script: str) -> Report:
    _import_traceback()
    import traceback

    if script:
        remember_lines(script)
    whole = traceback.TracebackException.from_exception(error, compact=True)
    line = _keep_script_frames(whole)
    if issubclass(type(error), SyntaxError):
        line = _syntax_error_line(error) or line
    text = text_of(error)
    return {
        "kind": "exception",
        "message": shorten(f"{type_name(error)}: {text}" if text else type_name(error), 4096),
        "line": line,
        "traceback": shorten("".join(whole.format())),
    }


def _syntax_error_line(error: Any) -> int | None:
    """Return the line of the script that a syntax error names: the script may have put anything there."""
    file, line = error.filename, error.lineno
    in_script = type(file) is str and file == SCRIPT
    return line if in_script and type(line) is int and 0 < line < _LINES else None


def _import_traceback() -> None:
    """Import traceback without the script's changes to the import system, which may prevent it."""
    path, finders = sys.path, sys.meta_path
    sys.path, sys.meta_path = list(_PATH), list(_FINDERS)
    try:
        import traceback
    except OSError:
        _close_script_files()
        import traceback  # noqa: F401
    finally:
        # Its threads and exit callbacks still run.
        sys.path, sys.meta_path = path, finders


def _close_script_files() -> None:
    """Close the script's descriptors: they may have reached the limit, and an import opens a file."""
    import posix
    import resource

    posix.closerange(_JOB + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def _keep_script_frames(shown: traceback.TracebackException) -> int | None:
    """Begin a traceback and all chained ones with the script's first frame; return the script's last line.

    The frames before it are asyncio's, for an async main. Those of the guest are hidden.
    """
    import os

    # Show library files without the path of the library.
    library = os.path.dirname(os.__file__) + "/"
    line = None
    seen: set[int] = set()
    todo: list[traceback.TracebackException | None] = [shown]
    while todo:
        part = todo.pop()
        if part is None or id(part) in seen:
            continue
        seen.add(id(part))
        script_frames = [at for at, frame in enumerate(part.stack) if frame.filename == SCRIPT]
        if part is shown and script_frames:
            line = part.stack[script_frames[-1]].lineno
        first = script_frames[0] if script_frames else 0
        part.stack[:] = part.stack[first:]
        for frame in part.stack:
            frame.filename = frame.filename.removeprefix(library)
        todo += [part.__cause__, part.__context__, *(part.exceptions or [])]
    return line


def exit_status(outcome: Report) -> int:
    """Return the exit status of a process that ends with this report."""
    status: int = outcome["code"] if outcome["kind"] == "exit" else outcome["kind"] == "exception"
    return int(status)


def _invalid(message: str) -> Report:
    return {"kind": "invalid_result", "message": message}
