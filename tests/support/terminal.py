"""A program in a terminal of its own, as a person uses it."""

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

#: Seconds that a program may take to write what a test waits for.
_WITHIN: Final = 30

# It makes its standard input the terminal of a new session, so that Ctrl-C reaches the program.
_IN_SESSION: Final = """
import fcntl, os, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""

CTRL_C: Final = "\x03"
CTRL_D: Final = "\x04"


class Terminal:
    """A terminal with a program in it.

    Attributes:
        process: The program.
        output: All that it has written so far, as a terminal gets it.
    """

    def __init__(self, process: subprocess.Popen[bytes], main: int) -> None:
        self.process, self.output = process, ""
        self._main, self._bytes = main, b""

    def type(self, text: str) -> None:
        """Type a text."""
        os.write(self._main, text.encode())

    def read_until(self, text: str) -> None:
        """Read until the program has written a text. Fails if it ends before, or is too slow."""
        deadline = time.monotonic() + _WITHIN
        while text not in self.output:
            assert self._read(deadline), f"the program ended without {text!r}: {self.output!r}"

    def wait_for_sleep(self) -> None:
        """Wait until the program sleeps: it reads from the terminal, and no input has come.

        Python handles a signal that comes just before the read only after the read has returned.
        """
        deadline = time.monotonic() + _WITHIN
        stat = Path(f"/proc/{self.process.pid}/stat")
        while stat.read_text().rpartition(")")[2].split()[0] != "S":
            assert time.monotonic() < deadline, f"the program does not sleep: {self.output!r}"
            time.sleep(0.01)

    def end(self) -> int:
        """Read to the end of the program and return its exit code."""
        deadline = time.monotonic() + _WITHIN
        while self._read(deadline):
            pass
        return self.process.wait(_WITHIN)

    def _read(self, deadline: float) -> bool:
        """Read once; return whether there was something."""
        ready, _, _ = select.select([self._main], [], [], max(deadline - time.monotonic(), 0))
        assert ready, f"the program writes nothing more: {self.output!r}"
        try:
            part = os.read(self._main, 65536)
        except OSError:
            part = b""  # the program has ended, and with it the terminal
        self._bytes += part
        self.output = self._bytes.decode(errors="replace").replace("\r\n", "\n")
        return bool(part)


@contextmanager
def in_terminal(
    command: Sequence[str | Path], environment: Mapping[str, str], folder: Path
) -> Iterator[Terminal]:
    """Start a program in a terminal; kill it at the end of the context if it still runs."""
    main, end = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-Ic", _IN_SESSION, *map(str, command)],
        env={"TERM": "xterm-256color", **environment},
        cwd=folder,
        stdin=end,
        stdout=end,
        stderr=end,
    )
    os.close(end)
    try:
        yield Terminal(process, main)
    finally:
        process.kill()
        process.wait()
        os.close(main)
