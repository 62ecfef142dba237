"""Clients of every kind that arrive at a steady rate."""

import base64
import json
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any, Final
from urllib.parse import urlsplit

from harness.client import Client, connect, make_request
from stress.followed_job import follow
from stress.tasks import Task

#: The share of each kind of client in percent. They wait on /execute, wait on /jobs/<id>, poll /jobs/<id>,
#: cancel a job, disconnect while a job runs, send a script that is rejected, follow the events of a job, or
#: send a file and fetch an artifact.
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

_LONG: Final = {"script": "import time\ndef main():\n    time.sleep(1)\n    return {}"}
_COPY: Final = """\
import os, shutil
def main():
    os.mkdir("out")
    shutil.copy("in/file", "out/copy")
    return {}
"""


class Load:
    """Clients, each on a thread of a pool.

    Attributes:
        done: The number of clients of each kind.
        faults: A line for each wrong answer.
    """

    def __init__(self, url: str, random: Random) -> None:
        """Send nothing yet."""
        self._random = random
        self._http = Client(url)
        self._url = url
        self._port = urlsplit(url).port or 80
        self._waiting = threading.BoundedSemaphore(4 * _CLIENTS)
        self.done: Counter[str] = Counter()
        self.faults: list[str] = []

    def run(self, rate: float, stop: threading.Event) -> None:
        """Start `rate` clients per second until `stop`; return when the last one has ended."""
        number, next_at = 0, time.monotonic()
        with ThreadPoolExecutor(_CLIENTS) as pool:
            while not stop.wait(max(0.0, next_at - time.monotonic())):
                # On a machine that is too slow for the rate, the lag stays below a second.
                next_at = max(next_at + self._random.expovariate(rate), time.monotonic() - 1)
                if self._waiting.acquire(blocking=False):
                    [kind] = self._random.choices(list(_MIX), list(_MIX.values()))
                    pool.submit(self._run_client, kind, Task.draw(number, self._random))
                    number += 1
        self._http.close()

    def _run_client(self, kind: str, task: Task) -> None:
        try:
            fault = getattr(self, "_" + kind.replace(" ", "_"))(task)
        except (OSError, _Rejected) as error:
            fault = repr(error)
        finally:
            self._waiting.release()
        self.done[kind] += 1
        if fault:
            self.faults.append(f"{kind}: {fault}")

    def _execute(self, task: Task) -> str | None:
        answer = self._http.ask("POST", "/execute", task.body())
        return self._check(task, answer.json()) if answer.status in (200, 422) else answer.text

    def _wait(self, task: Task) -> str | None:
        return self._check(task, self._http.ask("GET", f"/jobs/{self._submit(task.body())}?wait=30").json())

    def _poll(self, task: Task) -> str | None:
        job_id = self._submit(task.body())
        for _ in range(300):
            job = self._http.ask("GET", f"/jobs/{job_id}").json()
            if job["status"] not in ("queued", "running"):
                return self._check(task, job)
            time.sleep(0.1)
        return f"{job_id} does not end"

    def _cancel(self, _: Task) -> str | None:
        job_id = self._submit(_LONG)
        time.sleep(self._random.choice((0.0, 0.2)))
        status = self._http.ask("DELETE", f"/jobs/{job_id}").json()["status"]
        return None if status == "cancelled" else f"{job_id} is {status}"

    def _disconnect(self, task: Task) -> None:
        body = json.dumps(task.body() if task.number % 2 else _LONG).encode()
        with connect(self._port) as connection:
            connection.sendall(make_request("POST", "/execute", body))
            time.sleep(_DISCONNECT_AFTER)

    def _be_rejected(self, _: Task) -> str | None:
        answer = self._http.ask("POST", "/execute", {"script": "import numpy\ndef main(): return {}"})
        return None if answer.status == 400 else answer.text

    def _follow(self, task: Task) -> str | None:
        return follow(self._url, self._port, Random(task.number))

    def _copy_a_file(self, task: Task) -> str | None:
        random = Random(task.number)
        content = random.randbytes(random.randrange(_FILE_BYTES))
        file = {"path": "in/file", "content": base64.b64encode(content).decode(), "encoding": "base64"}
        body = {"script": _COPY, "files": [file], "artifacts": ["out/*"]}
        job = self._http.ask("POST", "/execute", body)
        if job.status != 200:
            return job.text
        copy = self._http.ask("GET", f"/jobs/{job.json()['id']}/artifacts/out/copy")
        return None if copy.body == content else copy.text

    def _submit(self, body: dict[str, Any]) -> str:
        answer = self._http.ask("POST", "/jobs", body)
        if answer.status != 202:
            raise _Rejected(answer.text)
        return str(answer.json()["id"])

    @staticmethod
    def _check(task: Task, job: dict[str, Any]) -> str | None:
        return task.check(job) if job.get("status") in ("succeeded", "failed") else str(job)


class _Rejected(Exception):
    """A job was not accepted."""
