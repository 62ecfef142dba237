"""Gunicorn's worker, bent in two more places: how it answers, and its own refusals. And its log."""

from http import HTTPStatus
from typing import Any, Final

from gunicorn.glogging import Logger
from gunicorn.http import errors, wsgi

from api.gather import Client, GatheringWorker
from api.refusal import refusal

#: Bytes of a body nobody read that are discarded to keep the connection; past it, it is closed.
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

    def serve(self, client: Client) -> bool:
        """Answer the request in the parser of `client`; return whether another may follow."""
        try:
            return self._answer(client, next(client.conn.parser))
        except (OSError, StopIteration, errors.NoMoreData) as error:
            self.log.debug("the client of a request is gone: %s", error)
        except Exception as error:  # noqa: BLE001 -- mostly what is not even HTTP; the application has not seen it
            self._refuse_unseen(client, error)
        return False

    def _answer(self, client: Client, request: Any) -> bool:
        conn = client.conn
        # Whoever had to be told to go on with it has been, or the request would not be here as a whole.
        request._expected_100_continue = False
        answer, environ = wsgi.create(
            request, conn.sock, conn.client, conn.server, self.cfg, response_class=_Answer
        )
        environ["wsgi.multithread"] = True
        headers = dict(request.headers)
        if (
            not self.alive
            or self.nr_conns > self.max_keepalived
            or "TRANSFER-ENCODING" in headers
            or int(headers.get("CONTENT-LENGTH", 0)) > _DISCARDED
        ):
            # Said beforehand where the connection cannot be used again.
            answer.force_close()
        body = self.wsgi(environ, answer.start_response)
        try:
            for part in body:
                answer.write(part)
            answer.close()
            client.send(answer.data)
        finally:
            # What is left to do for the request is done here, after its answer; that stands whatever happens.
            try:
                body.close()
            except Exception as error:
                self.log.error("cannot end a request", exc_info=error)
        return not answer.should_close() and conn.parser.finish_body()

    def _refuse_unseen(self, client: Client, error: Exception) -> None:
        kind = next(kind for kind in type(error).__mro__ if kind in _REFUSALS)
        status = _REFUSALS[kind]
        if status is HTTPStatus.INTERNAL_SERVER_ERROR:
            self.log.error("cannot serve a request", exc_info=error)
        try:
            client.send(refusal(status))
        except OSError:
            self.log.debug("the client of a malformed request is gone")


class _Answer(wsgi.Response):  # type: ignore[misc]
    """An answer that is sent as one: with its head apart, it would be two packets and two system calls."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        # gunicorn writes to it what it would send.
        self.sock = self
        self._parts: list[bytes] = []

    def sendall(self, data: bytes) -> None:
        """Take a part of the answer."""
        self._parts.append(data)

    @property
    def data(self) -> bytes:
        """The answer so far."""
        return b"".join(self._parts)


class Log(Logger):  # type: ignore[misc]
    """Gunicorn's lines, among those of the process."""

    def setup(self, cfg: Any) -> None:
        """Leave writing them to the root logger."""
        super().setup(cfg)
        self.error_log.propagate = True
