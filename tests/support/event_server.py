"""A server that sends the events of a job, and then stops where a test wants it to: the service never does."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

JOB: Final = "5f0c6f1b8f8f4d0e9a0f6f3b1c2d3e4f"


def done(**fields: Any) -> tuple[str, dict[str, Any]]:
    """Return the last event of a job that succeeded, with other fields where they are given."""
    names = "result error environment_digest created_at started_at finished_at"
    job = dict.fromkeys(names.split()) | {
        "id": JOB,
        "status": "succeeded",
        "stdout": "",
        "stderr": "",
        "truncated": {"stdout": False, "stderr": False},
        "usage": {},
        "exit_code": 0,
        "artifacts": [],
        "artifacts_truncated": False,
        "environment": "stdlib",
        "sandbox": "nsjail",
        "limits": {},
    }
    return "done", job | fields


def status(name: str) -> tuple[str, dict[str, str]]:
    """Return an event that names the status of the job."""
    return "status", {"id": JOB, "status": name}


def artifact(path: str, content: bytes) -> dict[str, Any]:
    """Return an artifact as the job lists it."""
    return {
        "path": path,
        "media_type": "text/plain",
        "size": len(content),
        "sha256": sha256(content).hexdigest(),
    }


@dataclass
class EventServer:
    """The server.

    Attributes:
        url: Its URL.
        events: What it answers to a submission. If the last one is not `done`, the answer does not end.
        artifacts: The contents of artifacts. The answer for one that is not here does not end.
        requests: The method and path of each request.
        stop: Set when the test has ended.
    """

    url: str
    events: Sequence[tuple[str, Any]]
    artifacts: dict[str, bytes]
    requests: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)


@contextmanager
def event_server(
    *events: tuple[str, Any], artifacts: dict[str, bytes] | None = None
) -> Iterator[EventServer]:
    """Start the server; stop it at the end of the context."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._head("text/event-stream")
            for number, (name, data) in enumerate(state.events):
                event = f"event: {name}\nid: {number}\ndata: {json.dumps(data)}\n\n".encode()
                self._chunk(event)
            if state.events[-1][0] == "done":
                self._chunk(b"")
            else:
                state.stop.wait()

        def do_GET(self) -> None:
            content = state.artifacts.get(self.path.partition("/artifacts/")[2])
            self._head("application/octet-stream")
            if content is None:
                self._chunk(b"half")
                state.stop.wait()
            else:
                self._chunk(content)
                self._chunk(b"")

        def do_DELETE(self) -> None:
            self._head("application/json")
            self._chunk(json.dumps(done(status="cancelled", exit_code=None)[1]).encode())
            self._chunk(b"")

        def _head(self, media_type: str) -> None:
            state.requests.append(f"{self.command} {self.path}")
            self.send_response(200)
            self.send_header("Content-Type", media_type)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()

        def _chunk(self, content: bytes) -> None:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(content), content))

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        state = EventServer(f"http://127.0.0.1:{server.server_port}", events, artifacts or {})
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield state
        finally:
            state.stop.set()
            server.shutdown()
            thread.join()
