"""What the command reads before it sends anything: the script, its standard input, its files."""

import io
import sys
import tokenize
from collections.abc import Iterable
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import IO, TYPE_CHECKING, Final

from python_executor.pyexec.display import Display
from python_executor.pyexec.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The most bytes of a script and of its standard input, and of all its files together: bounds of the service.
LARGEST_TEXT: Final = 2**20
LARGEST_FILES: Final = 8 * 2**20
MOST_FILES: Final = 64

_MB: Final = 2**20


def read_script(path: str) -> str:
    """Read a script, from standard input for `-`, with the encoding that it declares, as Python does."""
    name = "the script from standard input" if path == "-" else path
    content = _read(path, name, LARGEST_TEXT)
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
    except SyntaxError as error:
        _decode(content, "utf-8", name)  # its message has the line
        raise Problem(f"{name}: {error.msg}") from None
    return _decode(content, encoding, name)


def read_stdin(path: str) -> str:
    """Read a file that is the standard input of a script, the command's own for `-`."""
    name = "standard input" if path == "-" else path
    content = _read(path, name, LARGEST_TEXT)
    return _decode(content, "utf-8", name, "; --file can send any bytes")


def read_files(given: Iterable[str]) -> dict[str, bytes] | None:
    """Read the files of a script.

    Args:
        given: Each is PATH, or NAME=PATH to give it another path in the script's folder.

    Returns:
        The contents by their paths in the script's folder, None if there are no files.

    Raises:
        Problem: A file cannot be read, a path comes twice, or they are too many or too large.
    """
    files: dict[str, bytes] = {}
    room = LARGEST_FILES
    for each in given:
        name, equals, path = each.partition("=")
        if not equals:
            name, path = _remote_path(each), each
        if not name or not path:
            raise Problem(f"--file {each}: must be PATH or NAME=PATH")
        if name in files:
            raise Problem(f"--file {each}: there is another file {name}")
        if len(files) == MOST_FILES:
            raise Problem(f"--file: at most {MOST_FILES} files can be sent")
        files[name] = content = _read(path, f"--file {path}", room, "with the files before ")
        room -= len(content)
    return files or None


def _remote_path(path: str) -> str:
    """Return a relative path as it is, and the last part of any other."""
    local = PurePath(path)
    return local.name if local.is_absolute() or ".." in local.parts else local.as_posix()


def _read(path: str, name: str, room: int, together: str = "") -> bytes:
    """Read a file, which can be a pipe and without an end, but no more than there is room for."""
    try:
        with _open(path) as opened:
            content = opened.read(room + 1)
    except OSError as error:
        raise Problem(f"{name}: {error.strerror}") from None
    except ValueError as error:
        raise Problem(f"{name}: {error}") from None
    if len(content) > room:
        most = LARGEST_FILES if together else LARGEST_TEXT
        raise Problem(f"{name}: is {together}larger than {most // _MB} MB, the most that can be sent")
    return content


@contextmanager
def _open(path: str) -> "Iterator[IO[bytes]]":
    if path == "-":
        if sys.stdin is None:
            raise ValueError("is closed")
        if sys.stdin.isatty():
            Display().hint("reading from the terminal; Ctrl-D ends it")
        yield sys.stdin.buffer
    else:
        with Path(path).open("rb") as opened:
            yield opened


def _decode(content: bytes, encoding: str, name: str, hint: str = "") -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Problem(f"{name}: line {line} is not {encoding}{hint}") from None
