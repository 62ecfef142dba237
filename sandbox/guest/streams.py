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

from sandbox.guest.stand_in import stand_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class _Stream:
    """A stream with the attributes that the interpreter gives it in a UTF-8 locale.

    Its `write`, and that of its buffer, are replaced in the objects themselves: their types stay the
    interpreter's.

    Attributes:
        text: The stream.
        buffered: Has the stream's own `write`, which does not write at once.
        write: The stream's replaced `write`.
    """

    __slots__ = ("buffered", "flush", "text", "write")

    def __init__(self, fd: int, name: str, errors: str, *, line_buffering: bool) -> None:
        raw = _io.FileIO(fd, "wb", closefd=False)
        raw.name = name
        buffer: Any = _io.BufferedWriter(raw)
        buffer.write = stand_in(_at_once(buffer.write, buffer.flush, fd), buffer.write)
        text: Any = _io.TextIOWrapper(buffer, "utf-8", errors, "\n", line_buffering)
        text.mode = "w"
        self.text, self.buffered, self.flush = text, _Buffered(text.write), text.flush
        self.write = text.write = stand_in(_flushed(text.write, text.flush), text.write)


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
    vars(builtins)["print"] = stand_in(_print_to(stdout, stderr, print), print)


def _at_once(write: Callable[[Any], int], flush: Callable[[], None], fd: int) -> Callable[[Any], int]:
    """Return a `write` for a BufferedWriter that leaves nothing in the buffer."""

    def write_at_once(data: Any, /) -> int:
        size = written = 0
        try:
            size = written = write(data)
            flush()
        except BlockingIOError as error:
            # The script has made the pipe non-blocking, and it is full.
            _write_rest(data, written or error.characters_written, write, flush, fd)
            size = memoryview(data).nbytes
        return size

    return write_at_once


def _write_rest(
    data: Any, written: int, write: Callable[[Any], int], flush: Callable[[], None], fd: int
) -> None:
    """Write what a full pipe has not taken: the buffer, and `data` after its first `written` bytes."""
    with memoryview(data) as view, view.cast("B") as rest:
        while True:
            select.select((), (fd,), ())
            try:
                flush()
                written += write(rest[written:])
                flush()
                return
            except BlockingIOError as error:
                written = min(written + error.characters_written, rest.nbytes)


def _flushed(write: Callable[[str], int], flush: Callable[[], None]) -> Callable[[str], int]:
    """Return a `write` for a TextIOWrapper that flushes."""

    def write_flushed(text: str, /) -> int:
        size = write(text)
        flush()
        return size

    return write_flushed


def _flush_quietly(stream: _Stream) -> None:
    """Write what `print` has converted before an argument raised an error."""
    try:
        stream.flush()
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
            stream.flush()
        else:
            original(*args, sep=sep, end=end, file=file, flush=flush, **unknown)

    return print
