"""The shared libraries of the host that packages load and do not contain.

The files of a package are read here. `ldd` would let the loader of the host map them, and a file can be made
so that mapping it runs its code.
"""

import mmap
import re
import struct
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

_SHARED: Final = re.compile(r"\.so(\.|$)")

#: elf(5): the file header, the program headers and the dynamic section of 64-bit little-endian files.
_HEADER: Final = struct.Struct("<4s2B10xHHIQQQIHHHHHH")
_SEGMENT: Final = struct.Struct("<IIQQQQQQ")
_ENTRY: Final = struct.Struct("<qQ")
_LOAD, _DYNAMIC = 1, 2
_END, _NEEDED, _STRINGS = 0, 1, 5

#: The most bytes of a library's name (NAME_MAX), and one that ends it.
_NAME_MAX: Final = 256

#: The most entries of a dynamic section. Compilers write fewer than 100.
_ENTRIES_MAX: Final = 4096

#: The loader itself. It is part of the interpreter's root already.
_LOADER: Final = re.compile(r"ld-linux\b")


def is_shared(name: str) -> bool:
    """Return whether a file name is that of a shared library or a compiled module."""
    return _SHARED.search(name) is not None


def needed(file: Path) -> list[str]:
    """Return the names of the libraries that a file needs; none if it is damaged or of another kind."""
    try:
        with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _needed(data)
    except (struct.error, ValueError, OverflowError):
        return []


def of_host(files: Iterable[Path]) -> dict[str, str]:
    """Return the libraries that files need and that are not among them.

    Args:
        files: The shared libraries and compiled modules of an environment.

    Returns:
        For the name of each library the name of one file that needs it.
    """
    found = {file: needed(file) for file in files}
    own = {file.name for file in found}
    return {name: file.name for file, names in found.items() for name in names if name not in own}


def on_host(names: Iterable[str]) -> tuple[Path, ...]:
    """Return the files of libraries on this host, and of what these need. Unknown ones are left out."""
    known = _cache() if (waiting := list(names)) else {}
    found: dict[str, Path] = {}
    while waiting:
        name = waiting.pop()
        if name not in found and name in known and not _LOADER.match(name):
            found[name] = known[name]
            waiting += needed(known[name])
    return tuple(found[name] for name in sorted(found))


def missing(names: Iterable[str]) -> list[str]:
    """Return the libraries that this host does not have, sorted."""
    known = _cache()
    return sorted(name for name in names if name not in known and not _LOADER.match(name))


def _cache() -> Mapping[str, Path]:
    """Return the libraries that the loader of the host finds, by name (ldconfig(8))."""
    try:
        ran = subprocess.run(
            ["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=False, timeout=60, env={}
        )
    except OSError:
        return {}
    lines = re.findall(r"^\s+(\S+) \(libc6,(?:x86-64|AArch64)\b.*\) => (\S+)$", ran.stdout, re.MULTILINE)
    # The loader takes the first of several.
    return {name: Path(path) for name, path in reversed(lines)}


def _needed(data: mmap.mmap) -> list[str]:
    magic, wide, little, _, _, _, _, table, _, _, _, size, count, *_ = _HEADER.unpack_from(data)
    if (magic, wide, little) != (b"\x7fELF", 2, 1) or size < _SEGMENT.size:
        return []
    segments = [_SEGMENT.unpack_from(data, table + index * size) for index in range(count)]
    # The loader takes the last of several.
    sections = [(offset, length) for kind, _, offset, _, _, length, _, _ in segments if kind == _DYNAMIC]
    offset, length = sections[-1] if sections else (0, 0)
    number = min(length // _ENTRY.size, _ENTRIES_MAX)
    entries = list(_ENTRY.iter_unpack(data[offset : offset + number * _ENTRY.size]))
    tags = [tag for tag, _ in entries]
    entries = entries[: tags.index(_END)] if _END in tags else entries
    (address,) = (value for tag, value in entries if tag == _STRINGS)
    (strings,) = (
        offset + address - start
        for kind, _, offset, start, _, length, _, _ in segments
        if kind == _LOAD and start <= address < start + length
    )
    starts = [strings + value for tag, value in entries if tag == _NEEDED]
    return [data[start : _end(data, start)].decode() for start in starts]


def _end(data: mmap.mmap, start: int) -> int:
    """Return where the name that begins at `start` ends. Raises ValueError."""
    end = data.find(b"\0", start, start + _NAME_MAX)
    if end < 0:
        raise ValueError("a name has no end")
    return end
