"""The bytes of one HTTP/1.1 request as they come in: is it there as a whole?

This only looks for the end. What the request means, and whether it is HTTP at all, gunicorn's parser decides;
what can be refused without its rest counts as whole.
"""

import re
from typing import Final

from jobs.limits import REQUEST_BYTES

#: The most bytes of a head; gunicorn refuses longer ones.
HEAD_BYTES: Final = 1024 * 1024

#: The most bytes of a chunked body as it is sent: a chunk of one byte is sent as six.
CHUNKED_BYTES: Final = 8 * REQUEST_BYTES

_LENGTH: Final = re.compile(rb"\r\ncontent-length[ \t]*:[ \t]*([0-9]{1,18})[ \t]*(?=\r\n)", re.IGNORECASE)
_CHUNKED: Final = re.compile(rb"\r\ntransfer-encoding[ \t]*:[^\r\n]*chunked", re.IGNORECASE)
_EXPECT: Final = re.compile(rb"\r\nexpect[ \t]*:[ \t]*100-continue[ \t]*(?=\r\n)", re.IGNORECASE)
_CHUNK: Final = re.compile(rb"([0-9a-fA-F]{1,8})[^\r\n]{0,256}\r\n")
_CHUNK_HEAD: Final = 8 + 256 + 2


class Incoming:
    """A request that comes in. whole: whether it can be read without waiting."""

    def __init__(self) -> None:
        """Begin without a byte."""
        self.data = bytearray()
        self.whole = False
        self.expects_continue = False
        self._body = 0
        self._end = 0
        self._chunked = False

    def feed(self, more: bytes) -> None:
        """Take the next bytes."""
        seen = len(self.data)
        self.data += more
        if not self._body:
            self._read_head(max(0, seen - 3))
        if self._body and not self.whole:
            self._read_body()

    def _read_head(self, begin: int) -> None:
        end = self.data.find(b"\r\n\r\n", begin)
        if end < 0:
            self.whole = len(self.data) > HEAD_BYTES
            return
        head = bytes(self.data[: end + 2])
        self._body = self._end = end + 4
        self._chunked = _CHUNKED.search(head) is not None
        self.expects_continue = _EXPECT.search(head) is not None
        lengths = _LENGTH.findall(head)
        if not self._chunked and lengths:
            # A body past the limit is refused unread; two lengths are no HTTP.
            length = int(lengths[0])
            self._end += length if length <= REQUEST_BYTES and len(lengths) == 1 else 0

    def _read_body(self) -> None:
        if not self._chunked:
            self.whole = len(self.data) >= self._end
            return
        # _end is where the next chunk begins.
        while not self.whole and len(self.data) > self._end:
            chunk = _CHUNK.match(self.data, self._end)
            if chunk is None:
                # Not yet there, or no chunk: then the parser says so.
                self.whole = len(self.data) - self._end > _CHUNK_HEAD or b"\r\n" in self.data[self._end :]
                break
            size = int(chunk[1], 16)
            if size == 0:
                # Trailers are read up to the empty line; without any it follows at once.
                self.whole = b"\r\n\r\n" in self.data[chunk.end() - 2 :]
                break
            if len(self.data) < chunk.end() + size + 2:
                break
            self._end = chunk.end() + size + 2
        self.whole = self.whole or len(self.data) - self._body > CHUNKED_BYTES
