"""The quick start of the README: `make run` works as shown, and leaves nothing behind."""

import json
import os
import re
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import pytest

from tests.support.checkout import ROOT
from tests.support.doc_examples import comparable
from tests.support.documents import document
from tests.support.service import free_port
from tests.support.wait import eventually

#: Seconds until the service is ready, and from its stop until every process has ended.
READY = 60
STOPPED = 20


@dataclass
class Started:
    """`make run` once the service is ready.

    Attributes:
        output: The lines that it has printed.
    """

    make: subprocess.Popen[str]
    port: int
    temporary: Path
    output: list[str] = field(default_factory=list)

    def processes(self) -> list[psutil.Process]:
        return [psutil.Process(self.make.pid), *psutil.Process(self.make.pid).children(recursive=True)]

    def read_until(self, text: str) -> None:
        assert self.make.stdout
        for line in self.make.stdout:
            self.output.append(line)
            if text in line:
                return
        pytest.fail(f"make run ended before it printed {text!r}:\n{''.join(self.output)}")


@pytest.fixture
def started(nsjail: None) -> Iterator[Started]:
    with tempfile.TemporaryDirectory() as temporary:
        # The jail's user must be able to enter the folder, like /tmp.
        Path(temporary).chmod(0o755)
        port = free_port()
        make = subprocess.Popen(
            ["make", "--silent", "run"],
            cwd=ROOT,
            env={**_bare_environment(), "TMPDIR": temporary, "PORT": str(port)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        started = Started(make, port, Path(temporary))
        processes: list[psutil.Process] = []
        try:
            started.read_until("Ctrl-C stops it")
            processes = started.processes()
            yield started
        finally:
            make.terminate()
            make.communicate()
            for process in processes:
                if process.is_running():
                    process.kill()


@pytest.mark.timeout(2 * READY)
def test_quick_start_gets_the_answer_shown(started: Started) -> None:
    make, curl, shown, *_ = document("README.md").blocks
    assert make.text == "make run\n"
    answer = _shell(curl.text.replace(":8080/", f":{started.port}/"))
    assert comparable(json.loads(answer)) == comparable(json.loads(shown.text))


@pytest.mark.timeout(2 * READY)
def test_banner_command_works(started: Started) -> None:
    [command] = re.findall(r"^try: +(curl .*)$", "".join(started.output), re.MULTILINE)
    assert json.loads(_shell(command))["result"] == {"hello": "world"}


@pytest.mark.timeout(2 * READY)
def test_make_run_leaves_nothing_when_make_alone_gets_sigterm(started: Started) -> None:
    _leaves_nothing(started, lambda: os.kill(started.make.pid, signal.SIGTERM))


@pytest.mark.timeout(2 * READY)
@pytest.mark.parametrize("busy", [False, True], ids=["idle", "in the middle of a job"])
def test_make_run_leaves_nothing_when_ctrl_c_is_pressed(started: Started, busy: bool) -> None:
    if busy:
        job = {"script": "import time\ndef main(): time.sleep(29)", "limits": {"timeout": 29}}
        url = f"http://127.0.0.1:{started.port}"
        path = httpx.post(f"{url}/jobs", json=job).headers["Location"]
        eventually(
            lambda: httpx.get(url + path).json()["status"] == "running", within=READY, what="the job runs"
        )
    _leaves_nothing(started, lambda: os.killpg(started.make.pid, signal.SIGINT))


@pytest.mark.timeout(2 * READY)
@pytest.mark.parametrize("part", ["worker", "gunicorn", "valkey-server"])
def test_make_run_ends_when_a_process_is_killed(started: Started, part: str) -> None:
    processes = started.processes()
    victim = next(process for process in processes if part in " ".join(process.cmdline()))
    victim.kill()
    output, _ = started.make.communicate(timeout=STOPPED)
    name = {"gunicorn": "api", "valkey-server": "redis"}.get(part, part)
    assert f"python-executor: {name} ended" in output
    assert started.make.returncode != 0
    _, alive = psutil.wait_procs(processes, timeout=STOPPED)
    assert alive == [], output


def test_make_run_names_the_port_when_it_is_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = subprocess.run(
            ["make", "--silent", "run"],
            cwd=ROOT,
            env={**_bare_environment(), "PORT": str(port)},
            capture_output=True,
            text=True,
            timeout=READY,
            check=False,
        )
    assert ended.returncode != 0
    [line] = [line for line in ended.stderr.splitlines() if not line.startswith("make: ")]
    assert line.startswith(f"python-executor: PORT: {port} is in use")


def _leaves_nothing(started: Started, stop: Callable[[], None]) -> None:
    processes = started.processes()
    stop()
    output, _ = started.make.communicate(timeout=STOPPED)
    _, alive = psutil.wait_procs(processes, timeout=STOPPED)
    assert alive == [], output
    assert list(started.temporary.iterdir()) == []
    assert "Traceback" not in output


def _bare_environment() -> dict[str, str]:
    return {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}


def _shell(command: str) -> str:
    return subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, check=True, timeout=30
    ).stdout
