"""The proxy configurations of the documents, loaded by the real programs, pass what the service needs."""

import base64
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread

import httpx
import psutil
import pytest
from httpx_sse import connect_sse

from jobs.limits import BODY_BYTES, FILES_BYTES
from tests.support.certificates import make_certificate
from tests.support.documents import document
from tests.support.programs import need_program
from tests.support.service import Service, free_port
from tests.support.wait import eventually

#: Makes a proxy's files in a folder, for a port and the port of the service; returns its command.
Command = Callable[[Path, int, int], list[str]]

PAGE = "docs/how-to/tls-proxy.md"
NAME = "executor.example.com"

#: Seconds until a proxy listens.
READY = 20

#: A minimal nginx.conf around the configuration, which needs no paths and no privileges of a distribution.
NGINX = """
daemon off;
worker_processes 1;
error_log stderr;
pid {folder}/nginx.pid;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/python-executor.conf;
}}
"""


def _configuration(language: str) -> str:
    [block] = [block for block in document(PAGE).blocks if block.language == language]
    return block.text


def _replaced(text: str, replacements: dict[str, str]) -> str:
    """Replace the addresses and paths of the document by those of the test; the document must contain each."""
    for old, new in replacements.items():
        assert old in text
        text = text.replace(old, new)
    return text


def _nginx(folder: Path, port: int, upstream: int) -> list[str]:
    program = need_program("nginx")
    certificate, key = make_certificate(folder, NAME)
    text = _replaced(
        _configuration("nginx"),
        {
            "127.0.0.1:8080": f"127.0.0.1:{upstream}",
            "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
            "/etc/ssl/certs/executor.example.com.pem": str(certificate),
            "/etc/ssl/private/executor.example.com.key": str(key),
        },
    )
    (folder / "python-executor.conf").write_text(text)
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder))
    command = [program, "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf")]
    subprocess.run([*command, "-t"], check=True, capture_output=True)
    return command


def _caddy(folder: Path, port: int, upstream: int) -> list[str]:
    program = need_program("caddy")
    certificate, key = make_certificate(folder, NAME)
    text = _replaced(
        _configuration("caddyfile"),
        {
            "127.0.0.1:8080": f"127.0.0.1:{upstream}",
            # Use the test's certificate, because this machine cannot get a certificate for that name.
            f"{NAME} {{\n": f"{NAME}:{port} {{\n\tbind 127.0.0.1\n\ttls {certificate} {key}\n",
        },
    )
    (folder / "Caddyfile").write_text(f"{{\n\tadmin off\n\tauto_https disable_redirects\n}}\n{text}")
    arguments = ["--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    subprocess.run([program, "validate", *arguments], check=True, capture_output=True, env=_home(folder))
    return [program, "run", *arguments]


def _home(folder: Path) -> dict[str, str]:
    return {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}


@contextmanager
def _proxied(upstream: int, command: Command) -> Iterator[httpx.Client]:
    """Yield a client that reaches the port `upstream` through a proxy."""
    with TemporaryDirectory() as temporary:
        folder, port = Path(temporary), free_port()
        # If the test runs as root, nginx runs its workers as another user.
        folder.chmod(0o755)
        arguments = command(folder, port, upstream)
        with (folder / "log").open("wb") as log:
            proxy = subprocess.Popen(arguments, stdout=log, stderr=log, env=_home(folder))
            try:
                with httpx.Client(
                    base_url=f"https://127.0.0.1:{port}",
                    headers={"Host": f"{NAME}:{port}"},
                    timeout=90,
                    verify=ssl.create_default_context(cafile=str(folder / "certificate.pem")),
                    event_hooks={"request": [_name_the_server]},
                ) as client:
                    eventually(lambda: _answers(client), within=READY, what="the proxy listens")
                    yield client
            finally:
                proxy.terminate()
                proxy.wait(READY)


def _name_the_server(request: httpx.Request) -> None:
    """Send the documents' host name in the TLS handshake, because the URL has an IP address."""
    request.extensions["sni_hostname"] = NAME


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/health/live").status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture(scope="module", params=[_nginx, _caddy], ids=["nginx", "caddy"])
def command(request: pytest.FixtureRequest) -> Command:
    """Each proxy."""
    chosen: Command = request.param
    need_program(chosen.__name__.removeprefix("_"))
    return chosen


@pytest.fixture(scope="module")
def proxied(command: Command, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    """The service behind a proxy."""
    service: Service = request.getfixturevalue("service")
    assert service.client.base_url.port
    with _proxied(service.client.base_url.port, command) as client:
        yield client


class _EventStream(BaseHTTPRequestHandler):
    """Answers with two events. It sends the second event when `received` is set: the first has arrived."""

    protocol_version = "HTTP/1.1"
    received = Event()

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if self.path == "/events":
            self._send(b"data: 1\n\n")
            self._send(b"data: 2\n\n" if self.received.wait(READY) else b"data: late\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def _send(self, event: bytes) -> None:
        self.wfile.write(f"{len(event):x}\r\n".encode() + event + b"\r\n")

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def event_stream() -> Iterator[int]:
    """The port of a server that streams events, in single steps."""
    _EventStream.received.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), _EventStream) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def test_proxy_passes_each_event_at_once(command: Command, event_stream: int) -> None:
    with _proxied(event_stream, command) as client, client.stream("GET", "/events") as answer:
        lines = (line for line in answer.iter_lines() if line)
        assert next(lines) == "data: 1"
        _EventStream.received.set()
        assert next(lines) == "data: 2"


def test_proxy_passes_a_job(proxied: httpx.Client) -> None:
    answer = proxied.post("/execute", json={"script": "def main(): return {'ok': True}"})
    assert (answer.status_code, answer.json()["result"]) == (200, {"ok": True})


def test_proxy_passes_live_output(proxied: httpx.Client) -> None:
    job = {"script": "import time\nprint('first')\ntime.sleep(2)\nprint('second')", "mode": "program"}
    with connect_sse(proxied, "POST", "/execute", json=job) as source:
        events = source.iter_sse()
        while (event := next(events)).event != "stdout":
            pass
        assert event.json()["text"] == "first\n"
        assert proxied.get(source.response.headers["Location"]).json()["status"] == "running"
        assert [event.event for event in events] == ["stdout", "done"]


def test_proxy_passes_a_lookup_that_waits(proxied: httpx.Client) -> None:
    job = {"script": "import time\ndef main():\n    time.sleep(3)\n    return {}"}
    location = proxied.post("/jobs", json=job).headers["Location"]
    assert proxied.get(location, params={"wait": 30}).json()["status"] == "succeeded"


def test_wait_ends_when_its_client_has_left_the_proxy(
    proxied: httpx.Client, request: pytest.FixtureRequest
) -> None:
    service: Service = request.getfixturevalue("service")
    [process] = psutil.Process(service.api.pid).children()

    def left_behind() -> int:
        """Return the number of connections that the proxy has closed and the API has not."""
        own = service.client.base_url.port
        return sum(
            one.laddr.port == own and one.status == psutil.CONN_CLOSE_WAIT
            for one in process.net_connections("tcp")
        )

    job = {"script": "import time\ndef main():\n    time.sleep(20)\n    return {}", "limits": {"timeout": 30}}
    location = proxied.post("/jobs", json=job).headers["Location"]
    seen = 0
    for _ in range(5):
        with pytest.raises(httpx.ReadTimeout):
            proxied.get(location, params={"wait": 60}, timeout=0.5)
        seen = max(seen, left_behind())
    assert seen
    eventually(lambda: not left_behind(), within=10, what="the API waits for no client that has left")
    assert proxied.delete(location).json()["status"] == "cancelled"


def test_proxy_lets_the_service_refuse_a_large_body(proxied: httpx.Client) -> None:
    for size in (1_100_000, BODY_BYTES):
        answer = proxied.post("/execute", json={"script": "#" * size})
        assert (answer.status_code, answer.json()["error"]["type"]) == (413, "too_large")


def test_proxy_passes_the_largest_files(proxied: httpx.Client) -> None:
    content = base64.b64encode(bytes(FILES_BYTES)).decode()
    body = {
        "script": "import os\ndef main(): return {'size': os.path.getsize('zeros')}",
        "files": [{"path": "zeros", "content": content, "encoding": "base64"}],
    }
    assert proxied.post("/execute", json=body).json()["result"] == {"size": FILES_BYTES}
