"""Files of a job: the files that the client sends, and the artifacts, which the client gets back.

A path is relative to the working folder of the script, with `/` between its parts.
"""

from dataclasses import dataclass, field
from typing import Final

from jobs.limits import PATH_BYTES, PATH_DEPTH, PATH_PART_BYTES

#: The path of the script's own file.
SCRIPT_PATH: Final = "script.py"


@dataclass(frozen=True, slots=True)
class File:
    """A file that is in the working folder when the script starts.

    Attributes:
        path: Its path.
        content: Its bytes.
    """

    path: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file that the job left and that the client asked for.

    Attributes:
        path: Its path.
        size: Its length in bytes.
        sha256: The SHA-256 of its bytes in hexadecimal, None if it was dropped.
        content: Its bytes; None if it was dropped, and in a record, which does not contain them.
    """

    path: str
    size: int
    sha256: str | None
    content: bytes | None = field(default=None, repr=False)

    @property
    def dropped(self) -> bool:
        """Whether its bytes were not kept: past a limit, not readable, or Redis was full."""
        return self.sha256 is None


def find_path_fault(path: str) -> str | None:
    """Return the fault of a file's path, in words that follow the field's name; None if it has none."""
    try:
        size = len(path.encode())
    except UnicodeEncodeError:
        return "must not contain half of a surrogate pair"
    parts = path.split("/")
    if not path or size > PATH_BYTES:
        return f"must have 1 to {PATH_BYTES} bytes in UTF-8"
    if any(ord(character) < 32 or ord(character) == 127 for character in path):
        return "must not contain control characters"
    if parts[0] == "":
        return "must be relative to the working folder"
    if any(part in ("", ".", "..") for part in parts):
        return "must not contain empty parts, `.` or `..`"
    if any(len(part.encode()) > PATH_PART_BYTES for part in parts):
        return f"must have parts of at most {PATH_PART_BYTES} bytes in UTF-8"
    if len(parts) > PATH_DEPTH:
        return f"must have at most {PATH_DEPTH} parts"
    return None


def find_file_fault(path: str) -> str | None:
    """Return the fault of the path of a file that a client sends, in the same way."""
    if path == SCRIPT_PATH:
        return "is the file of the script itself"
    if path.startswith(f"{SCRIPT_PATH}/"):
        return "has the file of the script itself as a folder"
    return find_path_fault(path)


def find_conflict(paths: list[str]) -> str | None:
    """Return a path that two files have, or that is the folder of another; None if there is none."""
    files: set[str] = set()
    for path in paths:
        if path in files:
            return path
        files.add(path)
    for path in paths:
        parts = path.split("/")
        for count in range(1, len(parts)):
            if (folder := "/".join(parts[:count])) in files:
                return folder
    return None
