"""The checks of the settings, the API keys and the address of the API, on broken ones."""

import hashlib
import json
import re
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from doctor.checks import address, api_keys, descriptors, settings
from doctor.finding import Finding, Status

ENTRY = f"shop:{hashlib.sha256(b'secret').hexdigest()}"


def only(findings: Iterable[Finding]) -> Finding:
    (finding,) = findings
    return finding


def test_settings_name_every_invalid_one_and_keep_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"WORKERS": "none", "port": "0", "TIMEOUT": "7"}.items():
        monkeypatch.setenv(name, value)
    read, faults = settings.read()
    assert (read.port, read.timeout) == (8080, 7.0)
    finding = only(settings.examine(read, faults))
    assert finding.status is Status.FAILED
    assert "WORKERS: " in finding.found
    assert "PORT: " in finding.found
    assert finding.mend == "env -u PORT -u WORKERS python-executor run  # or a valid value"


def test_settings_never_show_the_password_of_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redi://:secret@host")
    finding = only(settings.examine(*settings.read()))
    assert finding.status is Status.FAILED
    assert "secret" not in finding.found


def test_settings_are_ok_when_they_are_valid() -> None:
    assert only(settings.examine(Settings(workers=2), [])).found == "valid; set in the environment: WORKERS"


@pytest.mark.parametrize(
    ("mode", "status"),
    [
        (0o600, Status.OK),
        (0o400, Status.OK),
        (0o644, Status.WARNING),
        (0o640, Status.WARNING),
        (0o602, Status.FAILED),
    ],
)
def test_api_keys_are_judged_by_the_mode_of_their_file(tmp_path: Path, mode: int, status: Status) -> None:
    file = tmp_path / "the keys"
    file.write_text(ENTRY)
    file.chmod(mode)
    finding = only(api_keys.examine(Settings(api_keys_file=file)))
    assert finding.status is status
    assert finding.mend in (None, f"chmod 600 '{file}'")


@pytest.mark.parametrize("entries", ["secret", "shop:secret", f"{ENTRY},secret"])
def test_api_keys_fail_when_an_entry_is_invalid(entries: str) -> None:
    finding = only(api_keys.examine(Settings(api_keys=entries)))
    assert finding.status is Status.FAILED
    assert "secret" not in finding.found


def test_api_keys_fail_when_their_file_is_missing(tmp_path: Path) -> None:
    assert only(api_keys.examine(Settings(api_keys_file=tmp_path / "keys"))).status is Status.FAILED


@pytest.mark.parametrize(
    ("host", "permitted", "status"),
    [
        ("127.0.0.1", False, Status.OK),
        ("0.0.0.0", False, Status.FAILED),
        ("0.0.0.0", True, Status.WARNING),
        ("::", True, Status.WARNING),
    ],
)
def test_api_keys_are_wanted_where_other_machines_reach_the_api(
    host: str, permitted: bool, status: Status
) -> None:
    found = only(api_keys.examine(Settings(host=host, allow_unauthenticated=permitted)))
    assert found.status is status


@contextmanager
def answering(status: int, body: bytes) -> Iterator[int]:
    """Run an HTTP server with one answer; yield its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, {"status": "ready", "workers": [{}, {}]}, Status.OK),
        (503, {"error": {"type": "unavailable", "message": "no worker is consuming"}}, Status.WARNING),
        (200, {"status": "ready"}, Status.FAILED),
        (200, [], Status.FAILED),
        (404, {"error": "not found"}, Status.FAILED),
    ],
)
def test_address_tells_the_service_from_other_programs(status: int, body: Any, expected: Status) -> None:
    with answering(status, json.dumps(body).encode()) as port:
        finding = only(address.examine(Settings(port=port)))
    assert finding.status is expected


def test_address_fails_when_a_program_that_speaks_no_http_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        def greet() -> None:
            connection, _ = taken.accept()
            with connection:
                connection.sendall(b"220 mail\r\n")

        thread = threading.Thread(target=greet)
        thread.start()
        finding = only(address.examine(Settings(port=port)))
        thread.join()
    assert finding.found == f"another program listens on 127.0.0.1 port {port}"
    assert finding.mend
    assert f"sport = :{port}" in finding.mend


def test_address_fails_when_it_is_of_another_machine() -> None:
    finding = only(address.examine(Settings(host="192.0.2.1")))
    assert finding.status is Status.FAILED
    assert "192.0.2.1" in finding.found


def test_file_descriptors_are_compared_with_the_connections() -> None:
    assert only(descriptors.examine(Settings(api_connections=16))).status is Status.OK
    finding = only(descriptors.examine(Settings(api_connections=10**9)))
    assert finding.status is Status.WARNING
    assert finding.mend
    # Two for each connection, 64 for the process, and one if the limit is odd.
    assert re.search("--nofile=200000006[45] ", finding.mend)
