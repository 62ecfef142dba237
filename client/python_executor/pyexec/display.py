"""What the command writes: the outputs of the script, its own lines, and the progress.

Piped output is what the script wrote, unchanged. Output to a terminal is filtered, see `terminal`.
"""

import errno
import os
import select
import sys
from typing import Final, Literal, TextIO

from python_executor.pyexec.terminal import TerminalFilter, ends_line
from python_executor.pyexec.text import escape

#: In inverse, which no script can have.
_MARK: Final = "\x1b[0;7mpyexec:\x1b[0m "
_PLAIN_MARK: Final = "pyexec: "

_REMOVE_LINE: Final = "\r\x1b[K"


class _Line:
    """Where the cursor is. The outputs that go to the terminal share one."""

    fresh = True


class _Channel:
    """Standard output or standard error."""

    def __init__(self, stream: TextIO | None, line: _Line) -> None:
        # With PYTHONUNBUFFERED there is no buffer, only the file itself.
        binary = getattr(stream, "buffer", None)
        self._raw = getattr(binary, "raw", binary)
        self.terminal = stream is not None and stream.isatty()
        self.clever = self.terminal and os.environ.get("TERM") != "dumb"
        self.colour = self.clever and not os.environ.get("NO_COLOR")
        self._encoding = (stream and self.terminal and stream.encoding) or "utf-8"
        self._line = line if self.terminal else _Line()
        self._filter = TerminalFilter(colour=self.colour) if self.terminal else None

    def script(self, text: str) -> None:
        """Write what the script has written."""
        self.write(self._filter.feed(text) if self._filter else text)

    def end_script(self) -> None:
        """Write what the filter has kept, and end the colours of the script."""
        if self._filter:
            self.write(self._filter.end())

    def begin_line(self) -> None:
        """End a line that the script has not ended."""
        if not self._line.fresh:
            self.write("\n")

    def remove_line(self) -> None:
        """Remove the line that the cursor is in."""
        self.write(_REMOVE_LINE)
        self._line.fresh = True

    def write(self, text: str) -> None:
        """Write a text at once, all of it."""
        if not text:
            return
        if self._raw is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        self._line.fresh = ends_line(text, self._line.fresh)
        rest = memoryview(text.encode(self._encoding, "backslashreplace"))
        while rest:
            written = self._raw.write(rest)
            if written is None:  # another program has made the pipe non-blocking
                select.select([], [self._raw], [])
            rest = rest[written or 0 :]


class Display:
    """Standard output and standard error of the command."""

    def __init__(self) -> None:
        line = _Line()
        self._channels = {"stdout": _Channel(sys.stdout, line), "stderr": _Channel(sys.stderr, line)}
        self._progress = False

    @property
    def _err(self) -> _Channel:
        return self._channels["stderr"]

    @property
    def colour(self) -> bool:
        """Whether standard output shows colours."""
        return self._channels["stdout"].colour

    def script(self, stream: Literal["stdout", "stderr"], text: str) -> None:
        """Write what the script has written."""
        self.progress("")
        self._channels[stream].script(text)

    def end_script(self) -> None:
        """Say that the script writes no more."""
        for channel in self._channels.values():
            channel.end_script()

    def line(self, text: str) -> None:
        """Print a line of the command's own on standard output. The text must be safe."""
        self.progress("")
        out = self._channels["stdout"]
        out.begin_line()
        out.write(f"{text}\n")

    def traceback(self, text: str) -> None:
        """Write a traceback of the script on standard error, beginning with a new line."""
        self._err.begin_line()
        self._err.script(text)
        self.end_script()

    def message(self, text: str) -> None:
        """Print a line on standard error. The text may contain what others wrote; it is escaped."""
        self.progress("")
        try:
            self._err.end_script()
            self._err.begin_line()
            self._err.write(f"{_MARK if self._err.colour else _PLAIN_MARK}{escape(text)}\n")
        except OSError:
            pass  # without standard error there is no place to say it

    def hint(self, text: str) -> None:
        """Print a line as `message` does, on a terminal only."""
        if self._err.terminal:
            self.message(text)

    def progress(self, text: str) -> None:
        """Show a line that the next output removes, on a terminal only; an empty text removes it."""
        if self._progress:
            self._progress = False
            self._err.remove_line()
        if text and self._err.clever:
            self._err.begin_line()
            # One column for the ellipsis, and one for the cursor.
            width = (os.get_terminal_size(2).columns or 80) - 2
            self._err.write(escape(f"{_PLAIN_MARK}{text}", max(width, 1)))
            self._progress = True
