"""What a runner says became of its script: plain JSON values, nothing of ours in them."""

from __future__ import annotations

import sys

from sandbox.guest import jsontext

TYPE_CHECKING = False
if TYPE_CHECKING:
    import traceback
    from typing import Any, Final

#: The script's name in tracebacks, and its module's name: a block under
#: `if __name__ == "__main__"` is not run, or `main` would run twice.
SCRIPT: Final = "script.py"
MODULE: Final = "script"

#: The descriptor of the job socket; those above are the script's.
_JOB: Final = 3

#: The most a report keeps of a result (bytes of JSON) and of a message or a traceback (characters).
RESULT_BYTES: Final = 1024 * 1024
TEXT: Final = 32 * 1024

_NAME: Final = type.__dict__["__name__"].__get__

#: Where modules are found, and by whom, before a script could change it.
_PATH: Final = tuple(sys.path)
_FINDERS: Final = tuple(sys.meta_path)

if TYPE_CHECKING:
    Report = dict[str, Any]


class _Source:
    """What linecache asks for the lines of a module that is no file (PEP 302)."""

    def __init__(self, script: str) -> None:
        self._script = script

    def get_source(self, _: str) -> str:
        return self._script


def remember_source(names: dict[str, Any], script: str) -> None:
    """Let tracebacks show the lines of a script whose module holds `names`."""
    names["__loader__"] = _Source(script)
    # Where it is imported, it need not ask; to import it costs as much as everything else here.
    if linecache := sys.modules.get("linecache"):
        linecache.cache[SCRIPT] = (len(script), None, script.splitlines(keepends=True), SCRIPT)


def main_not_callable(found: object) -> Report:
    """Report that `main` is something else, or gone."""
    what = "not defined when the script has run" if found is None else f"{_a(found)}, not callable"
    return {"kind": "main_not_callable", "message": f"main is {what}"}


def of_exit(stop: SystemExit) -> Report:
    """Report sys.exit: its code as the interpreter would have turned it into a status."""
    code = stop.code
    if code is None or isinstance(code, int):
        status = (code or 0) & 0xFF
        return {"kind": "exit", "code": status, "message": f"the script exited with status {status}"}
    return {"kind": "exit", "code": 1, "message": _cut(f"the script exited: {_text(code)}")}


def of_result(result: object) -> Report:
    """Report what `main` returned, or why that is no JSON object."""
    if not isinstance(result, dict):
        return _invalid(f"main returned {_a(result)}; it must return a dict")
    try:
        text = jsontext.encode(result)
        # Other keys are turned into strings: only what comes back the same was JSON.
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
    if size > RESULT_BYTES:
        return {
            "kind": "result_too_large",
            "message": f"the result takes {size} bytes as JSON; at most {RESULT_BYTES} are allowed",
        }
    return {"kind": "result", "result": result}


def of_exception(error: BaseException) -> Report:
    """Report an uncaught exception with the script's own frames."""
    try:
        return _exception(error)
    except BaseException:
        # Its names, texts, notes and lines are the script's, and may raise when they are read.
        return {"kind": "exception", "message": _type(error), "line": None, "traceback": None}


def _exception(error: BaseException) -> Report:
    # The script is over; what it made of these must not keep its traceback from it.
    sys.path[:], sys.meta_path[:] = _PATH, _FINDERS
    try:
        import traceback
    except OSError:
        _close_files()
        import traceback
    whole = traceback.TracebackException.from_exception(error, compact=True)
    line = _strip(whole)
    if isinstance(error, SyntaxError) and error.filename == SCRIPT:
        line = error.lineno
    text = _text(error)
    return {
        "kind": "exception",
        "message": _cut(f"{_type(error)}: {text}" if text else _type(error), 4096),
        "line": line,
        "traceback": _cut("".join(whole.format())),
    }


def _close_files() -> None:
    """Close what the script holds open, which may be all that may be open: modules are read from files."""
    import posix
    import resource

    posix.closerange(_JOB + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def _strip(shown: traceback.TracebackException) -> int | None:
    """Keep the script's frames of a traceback and all it is chained to; return its last line."""
    import os

    # Where the library is, which is nobody's business.
    library = os.path.dirname(os.__file__) + "/"
    line = None
    seen: set[int] = set()
    todo: list[traceback.TracebackException | None] = [shown]
    while todo:
        part = todo.pop()
        if part is None or id(part) in seen:
            continue
        seen.add(id(part))
        own = [at for at, frame in enumerate(part.stack) if frame.filename == SCRIPT]
        if part is shown and own:
            line = part.stack[own[-1]].lineno
        # Before the first of its frames stand ours, and asyncio's where we ran its main.
        part.stack[:] = [frame for frame in part.stack[own[0] if own else 0 :] if not _ours(frame.filename)]
        for frame in part.stack:
            frame.filename = frame.filename.removeprefix(library)
        todo += [part.__cause__, part.__context__, *(part.exceptions or [])]
    return line


def _ours(filename: str) -> bool:
    return "/sandbox/guest/" in filename or filename == "<string>"


def _fault(value: object, path: str) -> str | None:
    """Say where a value is no JSON value; None if it is one."""
    if value is None or isinstance(value, (str, bool, int)):
        return None
    if isinstance(value, float):
        finite = value - value == 0
        return None if finite else f"{path} is {value}, which is no JSON value"
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                return f"{path} has the key {_cut(_text(key, repr), 100)}, {_a(key)}; keys must be strings"
            if fault := _fault(item, f"{path}[{key!r}]"[:200]):
                return fault
        return None
    if isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            if fault := _fault(item, f"{path}[{index}]"[:200]):
                return fault
        return None
    return f"{path} is {_a(value)}, which is no JSON value"


def _invalid(message: str) -> Report:
    return {"kind": "invalid_result", "message": message}


def _type(value: object) -> str:
    # Not type(value).__name__, which a metaclass can make into anything.
    return _cut(_NAME(type(value)), 100)


def _a(value: object) -> str:
    if value is None:
        return "None"
    name = _type(value)
    return f"{'an' if name[:1] in 'aeiouAEIOU' else 'a'} {name}"


def _text(value: object, convert: Any = str) -> str:
    """Convert with the script's own methods, which may raise anything."""
    try:
        return str(convert(value))
    except BaseException:
        return f"<{_type(value)}>"


def _cut(text: str, limit: int = TEXT) -> str:
    return text if len(text) <= limit else f"{text[: limit // 2]}\n[...]\n{text[-limit // 2 :]}"
