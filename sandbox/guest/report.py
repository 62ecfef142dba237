"""The report of a runner about its script, as plain JSON values.

The report contains no path or frame of the guest. The worker decides the outcome in sandbox/verdict.py.
"""

from __future__ import annotations

import sys

from sandbox.guest import jsontext

TYPE_CHECKING = False
if TYPE_CHECKING:
    import traceback
    from typing import Any, Final

#: The script's file name in tracebacks, and its module's name. The name is not "__main__": otherwise a block
#: under `if __name__ == "__main__"` would often run `main` a second time.
SCRIPT: Final = "script.py"
MODULE: Final = "script"

#: The file name of code of the guest that has no file.
SANDBOX: Final = "<sandbox>"

#: The descriptor of the job socket. All higher descriptors are the script's.
_JOB: Final = 3

#: The most characters of a message or a traceback in a report.
_TEXT_LENGTH: Final = 32 * 1024

_NAME: Final = type.__dict__["__name__"].__get__

#: The import path and finders, saved before a script could change them.
_PATH: Final = tuple(sys.path)
_FINDERS: Final = tuple(sys.meta_path)

if TYPE_CHECKING:
    Report = dict[str, Any]


class _Source:
    """A loader from which linecache gets the lines of a module without a file (PEP 302)."""

    def __init__(self, script: str) -> None:
        self._script = script

    def get_source(self, _: str) -> str:
        return self._script


def remember_source(names: dict[str, Any], script: str) -> None:
    """Let tracebacks show the lines of the script whose module holds `names`."""
    names["__loader__"] = _Source(script)
    # If linecache is already imported, fill its cache. Importing it here would double the cost of a run.
    if linecache := sys.modules.get("linecache"):
        linecache.cache[SCRIPT] = (len(script), None, script.splitlines(keepends=True), SCRIPT)


def main_not_callable(found: object) -> Report:
    """Report that `main` is not a function, or is not defined."""
    fault = (
        "not defined when the script has run" if found is None else f"{_with_article(found)}, not callable"
    )
    return {"kind": "main_not_callable", "message": f"main is {fault}"}


def of_exit(stop: SystemExit) -> Report:
    """Report sys.exit with the exit status that the interpreter would give it."""
    code = stop.code
    if code is None or isinstance(code, int):
        status = (code or 0) & 0xFF
        return {"kind": "exit", "code": status, "message": f"the script exited with status {status}"}
    return {"kind": "exit", "code": 1, "message": _cut(f"the script exited: {_text(code)}")}


def of_result(result: object, limit: int) -> Report:
    """Report the result of `main`, or why it is not a JSON object of at most `limit` bytes."""
    if not isinstance(result, dict):
        return _invalid(f"main returned {_with_article(result)}; it must return a dict")
    try:
        text = jsontext.encode(result)
        # The encoder turns other keys into strings. If decoding gives the same value, the result was JSON.
        if jsontext.decode(text) != result and (fault := _fault(result, "result")):
            return _invalid(fault)
        size = len(text.encode())
    except RecursionError:
        return _invalid("the result is nested too deeply")
    except (TypeError, ValueError) as error:
        try:
            fault = _fault(result, "result")
        except RecursionError:
            fault = None
        return _invalid(fault or f"the result is no JSON object: {_cut(_text(error), 200)}")
    if size > limit:
        return {"kind": "result_too_large", "size": size}
    return {"kind": "result", "result": result}


def of_exception(error: BaseException) -> Report:
    """Report an uncaught exception with the script's own frames."""
    try:
        return _exception(error)
    except BaseException:
        # The script controls its names, texts, notes and lines, and reading them may raise.
        return {"kind": "exception", "message": _type_name(error), "line": None, "traceback": None}


def _exception(error: BaseException) -> Report:
    # The script has ended. Undo its changes to the import system, which may prevent this import.
    sys.path[:], sys.meta_path[:] = _PATH, _FINDERS
    try:
        import traceback
    except OSError:
        _close_script_files()
        import traceback
    whole = traceback.TracebackException.from_exception(error, compact=True)
    line = _keep_script_frames(whole)
    if isinstance(error, SyntaxError) and error.filename == SCRIPT:
        line = error.lineno
    text = _text(error)
    return {
        "kind": "exception",
        "message": _cut(f"{_type_name(error)}: {text}" if text else _type_name(error), 4096),
        "line": line,
        "traceback": _cut("".join(whole.format())),
    }


def _close_script_files() -> None:
    """Close the script's descriptors: they may have reached the limit, and an import opens a file."""
    import posix
    import resource

    posix.closerange(_JOB + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def _keep_script_frames(shown: traceback.TracebackException) -> int | None:
    """Remove the guest's frames from a traceback and all chained ones; return the script's last line."""
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
        # The frames before the script's first one are the guest's, and asyncio's for an async main.
        first = script_frames[0] if script_frames else 0
        part.stack[:] = [frame for frame in part.stack[first:] if not _is_ours(frame.filename)]
        for frame in part.stack:
            frame.filename = frame.filename.removeprefix(library)
        todo += [part.__cause__, part.__context__, *(part.exceptions or [])]
    return line


def _is_ours(filename: str) -> bool:
    return "/sandbox/guest/" in filename or filename == SANDBOX


def _fault(value: object, path: str) -> str | None:
    """Return which part of a value is not JSON, None if all of it is."""
    if value is None or isinstance(value, (str, bool, int)):
        return None
    if isinstance(value, float):
        finite = value - value == 0
        return None if finite else f"{path} is {value}, which is no JSON value"
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                shown = f"{_cut(_text(key, repr), 100)}, {_with_article(key)}"
                return f"{path} has the key {shown}; keys must be strings"
            if fault := _fault(item, f"{path}[{key!r}]"[:200]):
                return fault
        return None
    if isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            if fault := _fault(item, f"{path}[{index}]"[:200]):
                return fault
        return None
    return f"{path} is {_with_article(value)}, which is no JSON value"


def _invalid(message: str) -> Report:
    return {"kind": "invalid_result", "message": message}


def _type_name(value: object) -> str:
    # Not type(value).__name__, which a metaclass can override.
    return _cut(_NAME(type(value)), 100)


def _with_article(value: object) -> str:
    if value is None:
        return "None"
    name = _type_name(value)
    return f"{'an' if name[:1] in 'aeiouAEIOU' else 'a'} {name}"


def _text(value: object, convert: Any = str) -> str:
    """Convert `value` with the script's own methods, which may raise any exception."""
    try:
        return str(convert(value))
    except BaseException:
        return f"<{_type_name(value)}>"


def _cut(text: str, limit: int = _TEXT_LENGTH) -> str:
    return text if len(text) <= limit else f"{text[: limit // 2]}\n[...]\n{text[-limit // 2 :]}"
