"""The paths `/dev/stdin`, `/dev/stdout`, `/dev/stderr` and `/dev/fd/N` in a jail, which has no `/proc`.

Elsewhere they are links to `/proc/self/fd`. In a jail the links lead nowhere, and `open` and `os.open`
duplicate the descriptor instead. Unlike on Linux, the copy of a regular file's descriptor has the position of
the original.
"""

from __future__ import annotations

import builtins
import posix
import sys

from sandbox.guest.script.builtin_wrapper import wrap_builtin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final

_NUMBERS: Final = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}
_FOLDER: Final = "/dev/fd/"

#: The number of arguments of `open` with which the last is an opener.
_OPENER: Final = 8

#: Flags with which the file system's own answer about the link is the right one.
_ABOUT_LINK: Final = posix.O_EXCL | posix.O_DIRECTORY | posix.O_NOFOLLOW | posix.O_PATH

_EBADF: Final = 9


def install() -> None:
    """Replace `open` and `os.open`. Modules that are imported later take the replacements."""
    open_descriptor = wrap_builtin(posix.open, _os_open(posix.open))
    for modules, original, replacement in (
        (("posix", "os"), posix.open, open_descriptor),
        (("builtins", "_io", "io"), builtins.open, wrap_builtin(open, _open(open, open_descriptor))),
    ):
        for name in modules:
            if name in sys.modules and vars(sys.modules[name]).get("open") is original:
                vars(sys.modules[name])["open"] = replacement


def _open(original: Callable[..., Any], opener: Callable[..., int]) -> Callable[..., Any]:
    def open(*args: Any, **named: Any) -> Any:  # noqa: A001 -- the name of what it replaces
        path, args = _read_path("file", args, named)
        if _descriptor(path) is not None and len(args) < _OPENER:
            named["opener"] = named.get("opener") or opener
        return original(*args, **named)

    return open


def _os_open(original: Callable[..., int]) -> Callable[..., int]:
    def open(*args: Any, **named: Any) -> int:  # noqa: A001 -- the name of what it replaces
        path, args = _read_path("path", args, named)
        flags = args[1] if len(args) > 1 else named.get("flags")
        number = _descriptor(path)
        opened = None
        if number is not None and isinstance(flags, int) and not flags & _ABOUT_LINK:
            opened = _duplicate(number, path)
        return original(*args, **named) if opened is None else opened

    return open


def _read_path(name: str, args: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, tuple[Any, ...]]:
    """Return the path among the arguments, and the arguments; convert an os.PathLike, once."""
    path: Any = args[0] if args else named.get(name)
    if hasattr(type(path), "__fspath__"):
        path = posix.fspath(path)
        if args:
            args = (path, *args[1:])
        else:
            named[name] = path
    return path, args


def _descriptor(path: object) -> int | None:
    """Return the descriptor that `path` names, None if it names none."""
    number = None
    if isinstance(path, bytes):
        path = path.decode("ascii", "replace")
    if isinstance(path, str) and path.startswith("/dev/"):
        number = _NUMBERS.get(path)
        digits = path[len(_FOLDER) :]
        if number is None and path.startswith(_FOLDER) and digits.isascii() and digits.isdecimal():
            number = int(digits[:9])
    return number


def _duplicate(number: int, path: object) -> int | None:
    """Return a copy of the descriptor, None if it is not open."""
    copy = None
    try:
        copy = posix.dup(number)
    except OSError as error:
        if error.errno != _EBADF:
            raise OSError(error.errno, error.strerror, path) from None
    return copy
