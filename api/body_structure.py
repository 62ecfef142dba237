"""The structure of a body: what it has besides the contents of its files.

The contents have a bound of their own. Everything else is bounded as a body without files is.
"""

from typing import Any, Final

from jobs.limits import REQUEST_BYTES

#: The quotes that find() looks for, before split() looks for the rest. Most bodies have no more, and their
#: strings are long: find() is then several times as fast. Between short strings it would be slower.
_FIRST: Final = 1024


def structure_of(data: bytes) -> bytes | None:
    """Return a JSON text without its strings; None if the rest is certainly too large."""
    if b"\\" in data:
        data = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    # Each quote that is left begins or ends a string.
    pieces: list[bytes] = []
    start = 0
    while len(pieces) < _FIRST and (end := data.find(b'"', start)) >= 0:
        pieces.append(data[start:end])
        start = end + 1
    pieces += data[start:].split(b'"', REQUEST_BYTES + 1)
    if len(pieces) > REQUEST_BYTES + 1:
        return None
    structure = b"".join(pieces[::2])
    return structure if len(structure) <= REQUEST_BYTES else None


def without_contents(body: Any) -> tuple[Any, list[str]]:
    """Return a body with the contents of its files left out, and the contents."""
    contents: list[str] = []

    def of_file(file: Any) -> Any:
        if not isinstance(file, dict) or not isinstance(file.get("content"), str):
            return file
        contents.append(file["content"])
        return {**file, "content": ""}

    def of_submission(one: Any) -> Any:
        if not isinstance(one, dict) or not isinstance(one.get("files"), list):
            return one
        return {**one, "files": [of_file(file) for file in one["files"]]}

    rest = [of_submission(one) for one in body] if isinstance(body, list) else of_submission(body)
    return rest, contents
