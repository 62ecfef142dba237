"""The whole service as `make run` starts it, on a port and in a folder of its own."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

ROOT = Path(__file__).parents[1]

_READY = "is ready"
_READY_WITHIN = 60.0
_STOP_WITHIN = 30.0


@dataclass(frozen=True, slots=True)
class Service:
    """A running service. ready_after: seconds from its start to the line that says that it is ready."""

    port: int
    redis_url: str
    folder: Path
    root: psutil.Process
    ready_after: float


@contextmanager
def running(**settings: str) -> Iterator[Service]:
    """Run the service with `settings` in its environment. Raises RuntimeError where it does not start."""
    # The name is short because the path of a socket may have only 107 bytes.
    with TemporaryDirectory(prefix="b-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        port = _free_port()
        environment = {
            "PATH": os.environ["PATH"],
            "TMPDIR": name,
            "PYTHONPATH": str(ROOT),
            "PORT": str(port),
            "SANDBOX": "nsjail",
            # A slow machine must not turn an answer into a promise.
            "EXECUTE_WAIT": "60",
            **({"NSJAIL": os.environ["NSJAIL"]} if "NSJAIL" in os.environ else {}),
            **settings,
        }
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "run"],
            env=environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        output = _Output(process)
        try:
            ready_after = output.await_ready(began)
            (redis,) = folder.glob("pyx-*/redis.sock")
            yield Service(port, f"unix://{redis}", folder, psutil.Process(process.pid), ready_after)
        finally:
            process.terminate()
            try:
                process.wait(_STOP_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise
            output.thread.join()


class _Output:
    """Reads what the service says, as a terminal would."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._said: list[str] = []
        self._ready = threading.Event()
        self._ready_at = 0.0
        self.thread = threading.Thread(target=self._read)
        self.thread.start()

    def await_ready(self, began: float) -> float:
        self._ready.wait(_READY_WITHIN)
        if not self._ready_at:
            raise RuntimeError("the service did not start: " + "".join(self._said))
        return self._ready_at - began

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            if not self._ready_at:
                self._said.append(line)
            if _READY in line and not self._ready_at:
                self._ready_at = time.monotonic()
                self._ready.set()
        self._ready.set()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
