"""Standard output and error of a runner: what a script writes reaches the pipe at once.

A job may be killed at any time, and what it has written by then is kept. So nothing waits in a buffer,
neither a line without its end nor bytes for `sys.stdout.buffer`. `print` makes one write of all its
arguments: otherwise threads could write between them, because other threads run during a write.
"""

from __future__ import annotations

import _io
import builtins
import select
import sys

from sandbox.guest.script.builtin_wrapper import wrap_builtin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final


_write_text: Final[Any] = _io.TextIOWrapper.write
_flush_text: Final[Any] = _io.TextIOWrapper.flush
_write_bytes: Final[Any] = _io.BufferedWriter.write
_flush_bytes: Final[Any] = _io.BufferedWriter.flush


class _Stream:
    """A stream with the attributes that the interpreter gives it in a UTF-8 locale.

    Its `write`, and that of its buffer, are replaced in the objects themselves: their types stay the
    interpreter's.

    Attributes:
        text: The stream.
        buffered: A file with the stream's original `write`, which does not write at once.
        write: The stream's replaced `write`.
    """

    __slots__ = ("buffered", "text", "write")

    def __init__(self, fd: int, name: str, errors: str, *, line_buffering: bool) -> None:
        raw = _io.FileIO(fd, "wb", closefd=False)
        raw.name = name
        buffer: Any = _io.BufferedWriter(raw)
        buffer.write = _write_bytes_at_once.__get__(buffer)
        text: Any = _io.TextIOWrapper(buffer, "utf-8", errors, "\n", line_buffering)
        text.mode = "w"
        self.text, self.buffered = text, _Buffered(text.write)
        self.write = text.write = _write_text_at_once.__get__(text)


#: The streams that `install` made.
_installed: Final[list[_Stream]] = []


class _Buffered:
    """A file for the builtin `print`."""

    __slots__ = ("write",)

    def __init__(self, write: Callable[[str], int]) -> None:
        self.write = write


def install() -> None:
    """Replace the streams and `print`."""
    stdout = _Stream(1, "<stdout>", "surrogateescape", line_buffering=False)
    stderr = _Stream(2, "<stderr>", "backslashreplace", line_buffering=True)
    names: Any = vars(sys)
    names["stdout"] = names["__stdout__"] = stdout.text
    names["stderr"] = names["__stderr__"] = stderr.text
    vars(builtins)["print"] = wrap_builtin(print, _print_to(stdout, stderr, print))
    _installed[:] = stdout, stderr


def is_unchanged(text: Any) -> bool:
    """Return whether `text` is a stream that `install` made, and its `write` still the replaced one."""
    for stream in _installed:
        if stream.text is text:
            return vars(text).get("write") is stream.write
    return False


def _write_text_at_once(stream: _io.TextIOWrapper, text: str, /) -> int:
    """The `write` of a stream."""
    size: int = _write_text(stream, text)
    _flush_text(stream)
    return size


def _write_bytes_at_once(buffer: _io.BufferedWriter, data: Any, /) -> int:
    """The `write` of a stream's buffer."""
    size: int = 0
    written = 0
    try:
        size = written = _write_bytes(buffer, data)
        _flush_bytes(buffer)
    except BlockingIOError as error:
        # The script has made the pipe non-blocking, and it is full.
        size = _write_rest(buffer, data, written or error.characters_written)
    return size


def _write_rest(buffer: _io.BufferedWriter, data: Any, written: int) -> int:
    """Write what a full pipe has not taken: what is in the buffer, and `data` after its first bytes."""
    with memoryview(data) as view, view.cast("B") as rest:
        while True:
            select.select((), (buffer,), ())
            try:
                _flush_bytes(buffer)
                written += _write_bytes(buffer, rest[written:])
                _flush_bytes(buffer)
                return rest.nbytes
            except BlockingIOError as error:
                written = min(written + error.characters_written, rest.nbytes)


def _flush_quietly(stream: _Stream) -> None:
    """Write what `print` has converted before an argument raised an error."""
    try:
        _flush_text(stream.text)
    except (OSError, ValueError):
        # The script has closed the stream.
        return


def _print_to(stdout: _Stream, stderr: _Stream, original: Callable[..., None]) -> Callable[..., None]:
    """Return a `print` that makes one write to either of two streams. To others it prints as the original."""

    def print(  # noqa: A001 -- the name of what it replaces
        *args: Any, sep: Any = " ", end: Any = "\n", file: Any = None, flush: Any = False, **unknown: Any
    ) -> None:
        target: Any = getattr(sys, "stdout", None) if file is None else file
        stream = stdout if target is stdout.text else stderr if target is stderr.text else None
        # A script may have replaced `write` of a stream.
        if stream and target.write is stream.write and not unknown:
            try:
                original(*args, sep=sep, end=end, file=stream.buffered)
            except BaseException:
                _flush_quietly(stream)
                raise
            _flush_text(target)
        else:
            original(*args, sep=sep, end=end, file=file, flush=flush, **unknown)

    return print
