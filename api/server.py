"""The API's server: gunicorn's gevent worker, with limits for clients and with errors in JSON.

One greenlet serves one connection. A request that waits for its job, a slow client and an idle connection
each hold a greenlet, but no thread. gunicorn parses the requests and calls the application.

gunicorn's master imports this module before it forks. gevent patches the standard library later, in each
process after the fork. So this module must not import Flask or Redis.
"""

from contextlib import AbstractContextManager, nullcontext
from http import HTTPStatus
from io import BytesIO
from typing import Any, Final

from gunicorn.glogging import Logger
from gunicorn.http import errors
from gunicorn.workers.ggevent import GeventWorker

from api.connection import Connection, Refused
from api.connections import Connections
from api.refusal import refusal
from jobs.limits import REQUEST_BYTES

#: The server reads at most this much of a body: one byte more than the limit, so that the application can
#: detect that the body is too large.
_READ_BYTES: Final = REQUEST_BYTES + 1

_STATUSES: Final[dict[type[Exception], HTTPStatus]] = {
    errors.LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    errors.LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    errors.UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
    errors.ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
    errors.ParseException: HTTPStatus.BAD_REQUEST,
    Exception: HTTPStatus.INTERNAL_SERVER_ERROR,
}


class Worker(GeventWorker):  # type: ignore[misc]
    """A gevent worker whose slow clients do not delay other clients."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._connections = Connections(self.worker_connections, self.cfg.keepalive)

    def timeout_ctx(self) -> AbstractContextManager[None]:
        """Return a context without a time limit. gunicorn's own limit covers only the head of a request."""
        return nullcontext()

    def notify(self) -> None:
        """Show the master that this process is alive, and end late waits. Runs once a second."""
        super().notify()
        self._connections.sweep(stopping=not self.alive)

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        """Serve a connection until it is closed."""
        connection = self._connections.open(client)
        try:
            connection.await_request()
            super().handle(listener, connection, addr)
        finally:
            connection.close()

    def handle_request(self, listener_name: Any, req: Any, sock: Connection, addr: Any) -> None:
        """Read the body of a request, then answer it."""
        self._read_body(req, sock)
        sock.request_complete()
        super().handle_request(listener_name, req, sock, addr)
        # A client that pipelines may already have sent its next request, or a part of it.
        more = req.unreader.take_buffered()
        req.unreader.unread(more)
        sock.await_request(part=bool(more))

    def _read_body(self, request: Any, connection: Connection) -> None:
        """Read the body, so that the application never waits for the client.

        A body over the limit is not read to its end. The application answers 413, and the connection closes.
        """
        lengths = [int(value) for name, value in request.headers if name == "CONTENT-LENGTH"]
        if lengths and lengths[0] > _READ_BYTES:
            request._expected_100_continue = False
            request.force_close()
            return
        if request._expected_100_continue:
            # gunicorn would send this only just before it calls the application.
            connection.send(b"HTTP/1.1 100 Continue\r\n\r\n")
            request._expected_100_continue = False
        body = request.body.read(_READ_BYTES)
        if lengths and len(body) < lengths[0]:
            raise errors.NoMoreData
        if len(body) > REQUEST_BYTES:
            request.force_close()
        request.body = BytesIO(body)

    def handle_error(self, _req: Any, client: Connection, _addr: Any, exc: BaseException) -> None:
        """Answer a request that the application has not seen, for example one that is not HTTP."""
        if not isinstance(exc, Exception):
            # The process is ending and kills its greenlets.
            return
        if isinstance(exc, Refused):
            status = exc.status
        else:
            kinds = type(exc).__mro__
            status = _STATUSES[next((kind for kind in kinds if kind in _STATUSES), Exception)]
        if status is HTTPStatus.INTERNAL_SERVER_ERROR:
            self.log.error("cannot serve a request", exc_info=exc)
        client.sendall(refusal(status))


class Log(Logger):  # type: ignore[misc]
    """gunicorn's log lines, in the format of the service."""

    def setup(self, cfg: Any) -> None:
        """Send the lines to the root logger."""
        super().setup(cfg)
        self.error_log.propagate = True
