"""Load: clients of every kind, as fast as they are told to come."""

import json
import socket
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from stress.tasks import Task

#: How many in a hundred clients do what: wait on /execute, wait for /jobs, come back for it, cancel a job,
#: hang up on one that runs, send what is refused.
_MIX: Final = {"execute": 40, "wait": 25, "poll": 10, "cancel": 10, "hang up": 8, "refused": 7}

#: How many clients there are at most, and the seconds after which a client that hangs up does.
_CLIENTS: Final = 32
_PATIENCE: Final = 0.3

_LONG: Final = {"script": "import time\ndef main():\n    time.sleep(1)\n    return {}"}


class Load:
    """Clients that come, each on a thread of its own. done: what they did. faults: what went wrong."""

    def __init__(self, url: str, random: Random) -> None:
        """Send nothing yet."""
        self._url, self._random = url, random
        self._http = httpx.Client(base_url=url, timeout=60)
        self._waiting = threading.BoundedSemaphore(4 * _CLIENTS)
        self.done: Counter[str] = Counter()
        self.faults: list[str] = []

    def run(self, rate: float, stop: threading.Event) -> None:
        """Let `rate` clients a second come until `stop`; return once the last has left."""
        number, next_at = 0, time.monotonic()
        with ThreadPoolExecutor(_CLIENTS) as pool:
            while not stop.wait(max(0.0, next_at - time.monotonic())):
                # What a slow machine does not keep up with does not pile up here.
                next_at = max(next_at + self._random.expovariate(rate), time.monotonic() - 1)
                if self._waiting.acquire(blocking=False):
                    [kind] = self._random.choices(list(_MIX), list(_MIX.values()))
                    pool.submit(self._client, kind, Task.draw(number, self._random))
                    number += 1
        self._http.close()

    def _client(self, kind: str, task: Task) -> None:
        try:
            fault = getattr(self, "_" + kind.replace(" ", "_"))(task)
        except httpx.HTTPError as error:
            fault = repr(error)
        finally:
            self._waiting.release()
        self.done[kind] += 1
        if fault:
            self.faults.append(f"{kind}: {fault}")

    def _execute(self, task: Task) -> str | None:
        answer = self._http.post("/execute", json=task.body())
        return self._wrong(task, answer.json()) if answer.status_code in (200, 422) else answer.text

    def _wait(self, task: Task) -> str | None:
        return self._wrong(task, self._http.get(f"/jobs/{self._submitted(task)}?wait=30").json())

    def _poll(self, task: Task) -> str | None:
        job_id = self._submitted(task)
        for _ in range(300):
            job = self._http.get(f"/jobs/{job_id}").json()
            if job["status"] not in ("queued", "running"):
                return self._wrong(task, job)
            time.sleep(0.1)
        return f"{job_id} does not end"

    def _cancel(self, task: Task) -> str | None:
        job_id = self._submitted(task, long=True)
        time.sleep(self._random.choice((0.0, 0.2)))
        status = self._http.delete(f"/jobs/{job_id}").json()["status"]
        return None if status == "cancelled" else f"{job_id} is {status}"

    def _hang_up(self, task: Task) -> None:
        body = json.dumps(task.body() if task.number % 2 else _LONG).encode()
        url = urlsplit(self._url)
        with socket.create_connection((url.hostname, url.port or 80), timeout=10) as connection:
            head = f"POST /execute HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
            head += "Content-Type: application/json\r\n\r\n"
            connection.sendall(head.encode() + body)
            time.sleep(_PATIENCE)

    def _refused(self, _: Task) -> str | None:
        answer = self._http.post("/execute", json={"script": "import numpy\ndef main(): return {}"})
        return None if answer.status_code == 400 else answer.text

    def _submitted(self, task: Task, *, long: bool = False) -> str:
        body: dict[str, Any] = _LONG if long else task.body()
        answer = self._http.post("/jobs", json=body).raise_for_status()
        return str(answer.json()["id"])

    @staticmethod
    def _wrong(task: Task, job: dict[str, Any]) -> str | None:
        return task.wrong(job) if job.get("status") in ("succeeded", "failed") else str(job)
