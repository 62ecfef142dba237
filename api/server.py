"""Gunicorn's worker, bent in two more places: bodies left unread, and its own refusals. And its log."""

import logging
import socket
import struct
from http import HTTPStatus
from typing import Any, Final

from gunicorn.glogging import Logger
from gunicorn.http import errors

from api.gather import GatheringWorker
from api.refusal import refusal

#: Seconds a thread waits for the next bytes, where a request was taken for whole and is not, and for a client
#: to take any of its answer.
_TIMEOUT: Final = 5

#: Bytes of a body nobody read that gunicorn discards to keep the connection; past it, it just closes.
_DISCARDED: Final = 64 * 1024

_REFUSALS: Final[dict[type[Exception], HTTPStatus]] = {
    errors.LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    errors.LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    errors.UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
    errors.ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
    errors.ParseException: HTTPStatus.BAD_REQUEST,
    Exception: HTTPStatus.INTERNAL_SERVER_ERROR,
}


class Worker(GatheringWorker):
    """A gthread worker that never sends an HTML page."""

    def run(self) -> None:
        """Serve until told to stop."""
        for listener in self.sockets:
            # Accepted connections inherit them. The kernel's own timeouts, because the worker makes
            # each connection a blocking one again before it reads.
            timeout = struct.pack("ll", _TIMEOUT, 0)
            for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                listener.setsockopt(socket.SOL_SOCKET, option, timeout)
        # The end of such a wait is no event: without this, each is logged with its traceback.
        self.log.error_log.addFilter(_is_news)
        super().run()

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Serve a request; say so beforehand where the connection cannot be used again."""
        headers = dict(req.headers)
        if "TRANSFER-ENCODING" in headers or int(headers.get("CONTENT-LENGTH", 0)) > _DISCARDED:
            req.force_close()
        return super().handle_request(req, conn)

    def handle_error(self, _req: Any, client: Any, _addr: Any, exc: Exception) -> None:
        """Answer what is not even HTTP; the application has not seen it."""
        kind = next(kind for kind in type(exc).__mro__ if kind in _REFUSALS)
        status = _REFUSALS[kind]
        if status is HTTPStatus.INTERNAL_SERVER_ERROR:
            self.log.error("cannot serve a request", exc_info=exc)
        try:
            client.sendall(refusal(status))
        except OSError:
            self.log.debug("the client of a malformed request is gone")


class Log(Logger):  # type: ignore[misc]
    """Gunicorn's lines, among those of the process."""

    def setup(self, cfg: Any) -> None:
        """Leave writing them to the root logger."""
        super().setup(cfg)
        self.error_log.propagate = True


def _is_news(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], BlockingIOError))
