"""The embedded server, its parent process and the command that watches it."""

import signal
import subprocess
from pathlib import Path

import psutil
import pytest
from redis import Redis

from cli.embedded_server import embedded_server


def _parent() -> psutil.Process:
    [parent] = [child for child in psutil.Process().children() if _runs_the_server(child)]
    return parent


def _runs_the_server(process: psutil.Process) -> bool:
    try:
        return "cli.embedded_server" in process.cmdline()
    except psutil.ZombieProcess:
        # A process of another test that has ended.
        return False


def _server(parent: psutil.Process) -> psutil.Process:
    [server] = parent.children()
    return server


def test_embedded_server_answers_and_stops_at_the_end(tmp_path: Path) -> None:
    with embedded_server(tmp_path) as embedded:
        with Redis.from_url(embedded.url) as redis:
            assert redis.ping()
        parent = _parent()
        processes = [parent, _server(parent)]
    assert not any(process.is_running() for process in processes)


def test_embedded_server_has_a_bound_of_memory(tmp_path: Path) -> None:
    with embedded_server(tmp_path) as embedded, Redis.from_url(embedded.url, decode_responses=True) as redis:
        assert int(redis.config_get("maxmemory")["maxmemory"]) == 1 << 30
        assert redis.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


@pytest.mark.parametrize("victim", ["server", "parent"])
def test_watcher_ends_with_status_1_when_a_process_of_the_server_is_killed(
    tmp_path: Path, victim: str
) -> None:
    with embedded_server(tmp_path) as embedded:
        parent = _parent()
        server = _server(parent)
        with subprocess.Popen(embedded.watcher) as watcher:
            (server if victim == "server" else parent).send_signal(signal.SIGKILL)
            assert watcher.wait(timeout=60) == 1
    psutil.wait_procs([server], timeout=60)
    assert not server.is_running()
