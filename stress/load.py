"""Clients of every kind that arrive at a steady rate."""

import json
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Final

from harness.client import connect, make_request
from python_executor import Client, Execution, PythonExecutorError, Script, Status
from stress.cutting_relay import cutting_relay
from stress.followed_job import follow
from stress.tasks import Task

#: The share of each kind of client in percent. They wait on /execute, wait on /jobs/<id>, poll /jobs/<id>,
#: cancel a job, disconnect while a job runs, send a script that is rejected, follow the events of a job over
#: connections that are cut, or send a file and fetch an artifact.
_MIX: Final = {
    "execute": 30,
    "wait": 20,
    "poll": 10,
    "cancel": 10,
    "disconnect": 8,
    "be rejected": 7,
    "follow": 8,
    "copy a file": 7,
}

#: The most clients at once, and the seconds after which a client disconnects.
_CLIENTS: Final = 32
_DISCONNECT_AFTER: Final = 0.3

#: The most bytes of a file.
_FILE_BYTES: Final = 50_000

_LONG: Final = "import time\ntime.sleep(1)"
_COPY: Final = """\
import os, shutil
os.mkdir("out")
shutil.copy("in/file", "out/copy")
"""


class Load:
    """Clients, each on a thread of a pool.

    Attributes:
        done: The number of clients of each kind.
        faults: A line for each wrong answer.
    """

    def __init__(self, port: int, random: Random) -> None:
        """Send nothing yet."""
        self._random, self._port = random, port
        self._client = Client(f"http://127.0.0.1:{port}", "")
        self._waiting = threading.BoundedSemaphore(4 * _CLIENTS)
        self.done: Counter[str] = Counter()
        self.faults: list[str] = []

    def run(self, rate: float, stop: threading.Event) -> None:
        """Start `rate` clients per second until `stop`; return when the last one has ended."""
        number, next_at = 0, time.monotonic()
        with (
            self._client,
            cutting_relay(self._port, Random(self._random.random())) as relay,
            Client(f"http://127.0.0.1:{relay}", "") as self._follower,
            ThreadPoolExecutor(_CLIENTS) as pool,
        ):
            while not stop.wait(max(0.0, next_at - time.monotonic())):
                # On a machine that is too slow for the rate, the lag stays below a second.
                next_at = max(next_at + self._random.expovariate(rate), time.monotonic() - 1)
                if self._waiting.acquire(blocking=False):
                    [kind] = self._random.choices(list(_MIX), list(_MIX.values()))
                    pool.submit(self._run_client, kind, Task.draw(number, self._random))
                    number += 1

    def _run_client(self, kind: str, task: Task) -> None:
        try:
            fault = getattr(self, "_" + kind.replace(" ", "_"))(task)
        except (OSError, PythonExecutorError) as error:
            fault = repr(error)
        finally:
            self._waiting.release()
        self.done[kind] += 1
        if fault:
            self.faults.append(f"{kind}: {fault}")

    def _execute(self, task: Task) -> str | None:
        return self._check(task, self._client.run(task.script()))

    def _wait(self, task: Task) -> str | None:
        job = self._client.submit(task.script())
        return self._check(task, self._client.wait(job.id, wait=30))

    def _poll(self, task: Task) -> str | None:
        job = self._client.submit(task.script())
        for _ in range(300):
            if job.status.final:
                return self._check(task, job)
            time.sleep(0.1)
            job = self._client.get(job.id)
        return f"{job.id} does not end"

    def _cancel(self, _: Task) -> str | None:
        job = self._client.submit(_LONG)
        time.sleep(self._random.choice((0.0, 0.2)))
        status = self._client.cancel(job.id).status
        return None if status is Status.CANCELLED else f"{job.id} is {status}"

    def _disconnect(self, task: Task) -> None:
        script = task.script() if task.number % 2 else Script(source=_LONG)
        with connect(self._port) as connection:
            connection.sendall(make_request("POST", "/execute", json.dumps(script.to_json()).encode()))
            time.sleep(_DISCONNECT_AFTER)

    def _be_rejected(self, _: Task) -> str | None:
        execution = self._client.run("import numpy")
        return None if execution.status is Status.REFUSED else str(execution)

    def _follow(self, task: Task) -> str | None:
        return follow(self._follower, Random(task.number))

    def _copy_a_file(self, task: Task) -> str | None:
        random = Random(task.number)
        content = random.randbytes(random.randrange(_FILE_BYTES))
        execution = self._client.run(_COPY, files={"in/file": content}, artifacts=["out/*"])
        if not execution.succeeded:
            return str(execution)
        return None if execution.artifact("out/copy").bytes() == content else "the copy differs"

    @staticmethod
    def _check(task: Task, execution: Execution) -> str | None:
        ended = execution.status in (Status.SUCCEEDED, Status.FAILED)
        return task.check(execution) if ended else str(execution)
