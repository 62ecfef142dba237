import json
import shlex
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.types import StartResponse, WSGIEnvironment

from cli.banner import banner, wait_until_ready


class _Silent(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def _service(*statuses: str) -> Iterator[int]:
    """Serve on a free port. Each request gets the next of `statuses`; the last one repeats."""
    remaining = list(statuses)

    def app(_: WSGIEnvironment, start: StartResponse) -> list[bytes]:
        start(remaining.pop(0) if len(remaining) > 1 else remaining[0], [])
        return [b"the text"]

    with make_server("127.0.0.1", 0, app, handler_class=_Silent) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def test_wait_until_ready_asks_again_while_the_service_is_not_ready() -> None:
    with _service("503 Not Yet", "503 Not Yet", "200 OK") as port:
        assert wait_until_ready("127.0.0.1", port).ready


def test_wait_until_ready_returns_the_last_answer_at_the_deadline() -> None:
    with _service("503 Never") as port:
        answer = wait_until_ready("127.0.0.1", port, deadline=0)
    assert (answer.ready, answer.status, answer.text) == (False, 503, "the text")


def test_wait_until_ready_is_not_ready_when_no_server_listens() -> None:
    with _service("200 OK") as port:
        pass
    answer = wait_until_ready("127.0.0.1", port, deadline=0)
    assert (answer.ready, answer.status) == (False, None)


def test_banner_shows_a_command_that_a_shell_can_run() -> None:
    [line] = [
        line for line in banner("http://h:1", "nsjail", keys=False).splitlines() if line.startswith("try:")
    ]
    words = shlex.split(line.removeprefix("try:"))
    assert "http://h:1/execute" in words
    assert json.loads(words[-1])["inputs"] == {"name": "world"}


def test_banner_shows_the_key_header_when_keys_are_required() -> None:
    shown = banner("http://h:1", "nsjail", keys=True)
    assert '-H "Authorization: Bearer $KEY"' in shown
    assert "Authorization" not in banner("http://h:1", "nsjail", keys=False)
