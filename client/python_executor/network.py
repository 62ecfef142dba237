"""Connections of `Client` whose every read and write ends at the deadline of the call.

A timeout of httpx2 holds for one read. A server that sends a byte every second would keep a call for ever.
Tasks can be cancelled, so `AsyncClient` needs none of this; threads cannot. The calls of `Client` therefore
pass a `Remaining` as their timeout, which `_BoundedStream` reads anew at every read and write.
"""

import math
import socket
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final, Protocol, Self

import httpcore2
import httpx2

_SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]

#: Idle connections that are kept. The service bounds how many there are in all, so the client does not.
_IDLE_CONNECTIONS: Final = 50
#: Seconds for which an idle connection is kept.
_IDLE_SECONDS: Final = 5.0

LIMITS: Final = httpx2.Limits(
    max_connections=None, max_keepalive_connections=_IDLE_CONNECTIONS, keepalive_expiry=_IDLE_SECONDS
)

_ERRORS: Final = (
    httpcore2.TimeoutException,
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.ProxyError,
    httpcore2.UnsupportedProtocol,
)


class Countdown(Protocol):
    """What ends at some time."""

    @property
    def remaining(self) -> float:
        """The seconds that are left, 0 if the time is over."""


class Remaining(float):
    """A timeout that shrinks: the seconds that are left when it is used."""

    end: Countdown
    most: float

    def __new__(cls, end: Countdown, most: float = math.inf) -> Self:
        """Take the end of the call, and the most seconds for one read, write or connection."""
        timeout = super().__new__(cls, min(most, end.remaining))
        timeout.end, timeout.most = end, most
        return timeout

    @property
    def now(self) -> float:
        """The seconds that are left."""
        return min(self.most, self.end.remaining)


def _seconds(timeout: float | None, too_late: type[Exception]) -> float | None:
    """Return the seconds for one operation. Raises `too_late` if none are left: 0 would mean not to wait."""
    seconds = timeout.now if isinstance(timeout, Remaining) else timeout
    if seconds is not None and seconds <= 0:
        raise too_late("the answer did not end in time")
    return seconds


class _BoundedStream(httpcore2.NetworkStream):
    """A connection."""

    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _seconds(timeout, httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # The stream below repeats one timeout for each part that the system takes.
        size = 64 * 1024
        for start in range(0, len(buffer), size):
            part = buffer[start : start + size]
            self._stream.write(part, _seconds(timeout, httpcore2.WriteTimeout))

    def close(self) -> None:
        # Another thread may be reading: closing a descriptor does not wake it up, a shutdown does.
        with suppress(OSError):
            self._stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        seconds = _seconds(timeout, httpcore2.ConnectTimeout)
        return _BoundedStream(self._stream.start_tls(ssl_context, server_hostname, seconds))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _BoundedBackend(httpcore2.NetworkBackend):
    """Opens connections. The resolver of host names has timeouts of its own."""

    def __init__(self) -> None:
        self._backend = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[_SocketOption] | None = None,
    ) -> httpcore2.NetworkStream:
        # `socket.create_connection` would take its timeout once for every address of the host.
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore2.ConnectError(f"{host}: {error}") from error
        fault: Exception = httpcore2.ConnectError(f"{host} has no address")
        for *_, address in found:
            seconds = _seconds(timeout, httpcore2.ConnectTimeout)
            try:
                stream = self._backend.connect_tcp(
                    str(address[0]), port, seconds, local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                fault = error
            else:
                return _BoundedStream(stream)
        raise fault


class BoundedTransport(httpx2.BaseTransport):
    """What `httpx2.HTTPTransport` is, with connections that know the deadline."""

    def __init__(self, ssl_context: ssl.SSLContext, proxy: httpx2.Proxy | None) -> None:
        """Open no connection yet.

        Args:
            ssl_context: Decides which certificates are trusted.
            proxy: The proxy, None for none.
        """
        options: dict[str, Any] = {
            "ssl_context": ssl_context,
            "max_connections": LIMITS.max_connections,
            "max_keepalive_connections": LIMITS.max_keepalive_connections,
            "keepalive_expiry": LIMITS.keepalive_expiry,
            "network_backend": _BoundedBackend(),
        }
        self._pool = (
            httpcore2.ConnectionPool(**options)
            if proxy is None
            else httpcore2.HTTPProxy(str(proxy.url), proxy_auth=proxy.raw_auth, **options)
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request, and return its answer when the head has arrived."""
        assert isinstance(request.stream, httpx2.SyncByteStream)
        sent = httpcore2.Request(
            method=request.method,
            url=httpcore2.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _errors_of_httpx():
            answer = self._pool.handle_request(sent)
        return httpx2.Response(
            answer.status, headers=answer.headers, stream=_Body(answer), extensions=answer.extensions
        )

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()


class _Body(httpx2.SyncByteStream):
    """The body of an answer."""

    def __init__(self, answer: httpcore2.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        with _errors_of_httpx():
            yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


@contextmanager
def _errors_of_httpx() -> Iterator[None]:
    try:
        yield
    except _ERRORS as error:
        # Every error of httpcore2 has a namesake.
        kind: type[httpx2.TransportError] = getattr(httpx2, type(error).__name__, httpx2.TransportError)
        raise kind(str(error)) from error
