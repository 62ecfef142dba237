"""The files that the pages load. All are read when the API starts."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from flask import Response, request

_FOLDER: Final = Path(__file__).parent / "static"

_MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}


@dataclass(frozen=True)
class Asset:
    """A file, and its compressed form.

    Attributes:
        content: Its bytes.
        media_type: Its type.
    """

    content: bytes
    media_type: str

    @cached_property
    def compressed(self) -> bytes:
        """The bytes compressed with gzip."""
        return gzip.compress(self.content, mtime=0)

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the bytes in hexadecimal, shortened."""
        return hashlib.sha256(self.content).hexdigest()[:16]

    def response(self) -> Response:
        """Return the answer to the current request: compressed if the client takes gzip."""
        if request.accept_encodings["gzip"] > 0:
            response = Response(self.compressed, content_type=self.media_type)
            response.headers["Content-Encoding"] = "gzip"
            response.set_etag(f"{self.digest}-gzip")
        else:
            response = Response(self.content, content_type=self.media_type)
            response.set_etag(self.digest)
        response.vary.add("Accept-Encoding")
        response.make_conditional(request)
        return response


class Assets:
    """The files of static/ by their path."""

    def __init__(self, folder: Path = _FOLDER) -> None:
        """Read them."""
        files = sorted(path for path in folder.rglob("*") if path.suffix in _MEDIA_TYPES)
        self._assets = {
            path.relative_to(folder).as_posix(): Asset(path.read_bytes(), _MEDIA_TYPES[path.suffix])
            for path in files
        }
        contents = "".join(f"{path} {asset.digest}\n" for path, asset in self._assets.items())
        #: Stands for the contents of all files. It is part of their URLs, so that browsers can keep them.
        self.digest: Final = hashlib.sha256(contents.encode()).hexdigest()[:16]

    def get(self, path: str) -> Asset | None:
        """Return a file, None if there is none at this path."""
        return self._assets.get(path)

    def modules(self, *folders: str) -> list[str]:
        """Return the paths of the JavaScript modules in some folders."""
        return [path for path in self._assets if path.partition("/")[0] in folders and path.endswith(".js")]
