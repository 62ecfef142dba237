"""The API's server: gunicorn's gevent worker, with limits for clients and with errors in JSON.

One greenlet serves one connection. A request that waits for its job, a slow client and an idle connection
each hold a greenlet, but no thread. gunicorn parses the requests and calls the application.

gunicorn's master imports this module before it forks. gevent patches the standard library later, in each
process after the fork. So this module must not import Flask or Redis.
"""

import socket
from contextlib import AbstractContextManager, nullcontext, suppress
from http import HTTPStatus
from typing import Any

import gevent
from gunicorn.glogging import Logger
from gunicorn.workers.ggevent import GeventWorker

from api.connection import Connection
from api.connections import Connections
from api.refusal import Refused, refusal
from api.request_body import RequestBody
from api.wsgi import Answer, make_environ


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
        connection = self._connections.open(client, addr[0])
        try:
            connection.await_request()
            super().handle(listener, connection, addr)
        finally:
            connection.close()

    def handle_request(self, listener_name: Any, req: Any, sock: Connection, addr: Any) -> None:
        """Answer a request. The application reads its body."""
        sock.head_complete(interim_answers=req.version >= (1, 1))
        req.body = RequestBody(req, sock)
        with suppress(gevent.GreenletExit, SystemExit):
            self._answer(req, sock, make_environ(req, sock, addr, listener_name))
        if sock.cut_off:
            # The client must not ask for the rest on this connection.
            raise StopIteration
        # A client that pipelines may already have sent its next request, or a part of it.
        more = req.unreader.take_buffered()
        req.unreader.unread(more)
        sock.await_request(part=bool(more))

    def _answer(self, req: Any, sock: Connection, environ: dict[str, Any]) -> None:
        """Call the application and send its answer.

        Raises:
            StopIteration: The connection must be closed.
        """
        answer = Answer(req, sock, self.cfg)
        if not self.alive:
            answer.force_close()
        try:
            parts = self.wsgi(environ, answer.start_response)
            try:
                for part in parts:
                    answer.write(part)
                answer.close()
            finally:
                if hasattr(parts, "close"):
                    parts.close()
        except OSError:
            raise
        except (Exception, SystemExit):
            if not answer.headers_sent:
                raise
            # A second answer would be read as a part of the first.
            self.log.exception("cannot finish an answer")
            sock.shutdown(socket.SHUT_RDWR)
            raise StopIteration from None
        if answer.should_close():
            raise StopIteration

    def handle_error(self, _req: Any, client: Connection, _addr: Any, exc: BaseException) -> None:
        """Answer a request that the application has not seen, for example one that is not HTTP."""
        if not isinstance(exc, Exception):
            # The process is ending and kills its greenlets.
            return
        refused = Refused.for_error(exc)
        if refused.status is HTTPStatus.INTERNAL_SERVER_ERROR:
            self.log.error("cannot serve a request", exc_info=exc)
        client.sendall(refusal(refused))


class Log(Logger):  # type: ignore[misc]
    """gunicorn's log lines, in the format of the service."""

    def setup(self, cfg: Any) -> None:
        """Send the lines to the root logger."""
        super().setup(cfg)
        self.error_log.propagate = True
