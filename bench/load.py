"""Many jobs at once, sent by a separate process, so that its CPU time can be measured separately.

    python -m bench.load '{"port": 8080, "concurrency": 8, "seconds": 3, "jobs": 0, "body": "…"}'

Each connection sends its next job as soon as it has the answer of the last one. The process prints a `Load`
as JSON.
"""

import json
import resource
import selectors
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import cycle
from pathlib import Path

from harness.client import Answer, authorize, connect, make_request

#: The share of the time that is not counted: at the start all jobs arrive at the same moment.
_LEAD_IN = 0.15


@dataclass(frozen=True, slots=True)
class Order:
    """What to send.

    Attributes:
        port: The API's port.
        concurrency: How many connections.
        body: The body of each request to `/execute`.
        seconds: How long to send jobs; 0 to send `jobs` jobs.
        jobs: How many jobs to send; 0 to send them for `seconds`.
        keys: API keys; each request has the next one.
    """

    port: int
    concurrency: int
    body: str
    seconds: float = 0.0
    jobs: int = 0
    keys: Sequence[str] = ()


@dataclass(slots=True)
class Load:
    """The measurements of an order.

    Attributes:
        latencies: Milliseconds of each job in the counted time.
        statuses: How often each HTTP status was answered.
        lost: The number of connections that broke.
        answered: Jobs answered in the counted time.
        seconds: The counted time.
        cpu: CPU seconds of the sending process.
    """

    latencies: list[float] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    lost: int = 0
    answered: int = 0
    seconds: float = 0.0
    cpu: float = 0.0

    @property
    def rate(self) -> float:
        """Jobs per second."""
        return self.answered / self.seconds


def make_keyed_requests(body: bytes, keys: Sequence[str]) -> list[bytes]:
    """Return a request to `/execute` for each API key, or one without a key if there are none."""
    return [make_request("POST", "/execute", body, authorize(key)) for key in keys] or [
        make_request("POST", "/execute", body)
    ]


def start(order: Order) -> "subprocess.Popen[str]":
    """Start a process that executes `order`."""
    command = [sys.executable, "-m", "bench.load", json.dumps(asdict(order))]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1])


def finish(process: "subprocess.Popen[str]") -> Load:
    """Wait for the process and return its `Load`. Raises RuntimeError if the process failed."""
    output, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(f"the load ended with status {process.returncode}")
    return Load(**json.loads(output))


def run(order: Order) -> Load:
    """Execute `order` in a separate process. Raises RuntimeError unless every job succeeded."""
    load = finish(start(order))
    if load.lost or set(load.statuses) != {"200"}:
        raise RuntimeError(f"not every job succeeded: {load.statuses}, {load.lost} connections lost")
    return load


class _Loop:
    def __init__(self, order: Order) -> None:
        self._order = order
        self._data = cycle(make_keyed_requests(order.body.encode(), order.keys))
        self._left = order.jobs
        self._select = selectors.DefaultSelector()
        self._load = Load()
        self._statuses: Counter[str] = Counter()

    def run(self) -> Load:
        order = self._order
        connections = [connect(order.port) for _ in range(order.concurrency)]
        began = time.perf_counter()
        self._counts_from = began + _LEAD_IN * order.seconds
        self._ends = began + order.seconds if order.seconds else float("inf")
        for connection in connections:
            self._send(connection)
        while self._select.get_map():
            for key, _ in self._select.select():
                assert isinstance(key.fileobj, socket.socket)
                self._receive(key.fileobj, *key.data)
        load = self._load
        load.seconds = (self._ends if order.seconds else time.perf_counter()) - self._counts_from
        usage = resource.getrusage(resource.RUSAGE_SELF)
        load.cpu = usage.ru_utime + usage.ru_stime
        load.statuses = dict(self._statuses)
        return load

    def _send(self, connection: socket.socket) -> None:
        if self._order.jobs:
            if not self._left:
                connection.close()
                return
            self._left -= 1
        now = time.perf_counter()
        if now >= self._ends:
            connection.close()
            return
        self._select.register(connection, selectors.EVENT_READ, (Answer(), now))
        connection.sendall(next(self._data))

    def _receive(self, connection: socket.socket, answer: Answer, sent: float) -> None:
        try:
            complete = answer.add(connection.recv(65536))
        except OSError:
            self._select.unregister(connection)
            self._load.lost += 1
            return
        if not complete:
            return
        now = time.perf_counter()
        self._select.unregister(connection)
        self._statuses[str(answer.status)] += 1
        if self._counts_from <= now <= self._ends:
            self._load.answered += 1
            self._load.latencies.append((now - sent) * 1000)
        self._send(connection)


if __name__ == "__main__":
    print(json.dumps(asdict(_Loop(Order(**json.loads(sys.argv[1]))).run())))
