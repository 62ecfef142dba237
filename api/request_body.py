"""The body of a request, which the server reads when the application asks for it.

So the application refuses a wrong key, path, method, type or length before it reads the body. If the body
was not read to its end, the server closes the connection after the answer.
"""

from typing import Any, Final

from gunicorn.http import errors
from gunicorn.http.body import Body, ChunkedReader

from api.connection import Connection
from api.refusal import Refused
from jobs.limits import BODY_BYTES

#: The most chunks of a body: one for every 1.5 KB of the longest body. Each costs CPU time.
_CHUNKS: Final = BODY_BYTES // 1536

#: After this many chunks, which can arrive all at once, other connections are served.
_CHUNKS_OF_A_TURN: Final = 64

#: The most bytes of the trailers, if they arrive in several pieces.
_TRAILER_BYTES: Final = 8 * 1024


class RequestBody:
    """The body of one request. gunicorn and the application read it as a file."""

    def __init__(self, request: Any, connection: Connection) -> None:
        """Read nothing yet.

        Raises:
            gunicorn.http.errors.UnsupportedTransferCoding: The body is encoded otherwise than in chunks.
        """
        self._request, self._connection = request, connection
        self._body = request.body
        codings = [value for name, value in request.headers if name == "TRANSFER-ENCODING"]
        if codings:
            if codings[1:] or codings[0].lower() != "chunked":
                # gunicorn would accept `gzip, chunked` and pass the compressed bytes on.
                raise errors.UnsupportedTransferCoding(",".join(codings))
            self._body = Body(_BoundedChunks(request, request.unreader, connection))
        lengths = [int(value) for name, value in request.headers if name == "CONTENT-LENGTH"]
        self._length = lengths[0] if lengths else 0
        self._asked = request._expected_100_continue
        # gunicorn would send `100 Continue` before it calls the application.
        request._expected_100_continue = False
        self._unread = bool(codings or self._length)
        request.must_close = self._unread

    def read(self, size: int) -> bytes:
        """Return at most `size` bytes.

        Raises:
            Refused: The body is malformed, too slow or too expensive, or the client has left.
        """
        if not self._unread:
            return b""
        self._connection.await_body()
        try:
            return self._read(size)
        except Exception as error:
            raise Refused.for_error(error) from error

    def _read(self, size: int) -> bytes:
        if self._asked:
            self._asked = False
            self._connection.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        data: bytes = self._body.read(size)
        if len(data) < min(size, self._length):
            raise errors.NoMoreData
        if len(data) < size:
            self._unread = self._request.must_close = False
            self._connection.request_complete()
        return data


class _BoundedChunks(ChunkedReader):  # type: ignore[misc]
    """gunicorn's reader of chunks, with lower limits."""

    def __init__(self, request: Any, unreader: Any, connection: Connection) -> None:
        super().__init__(request, unreader)
        self._connection = connection
        self.limit_trailer_section = _TRAILER_BYTES
        self._chunks = 0

    def parse_chunk_size(self, unreader: Any, data: bytes | None = None) -> Any:
        """Read the size line of the next chunk."""
        self._chunks += 1
        if self._chunks > _CHUNKS + 1:
            raise errors.InvalidChunkSize(b"too many chunks")
        if self._chunks % _CHUNKS_OF_A_TURN == 0:
            self._connection.take_turns()
        return super().parse_chunk_size(unreader, data)
