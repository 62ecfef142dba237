"""Attacks of a hostile client that has an API key.

Each attack is one exchange, which several threads repeat as fast as the service lets them. The attacks run in
a process of their own, with a low priority: their client must not take the CPU time that is measured.
"""

import json
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

from harness.client import Answer, Client, authorize, connect

_SLEEPS: Final = "import time\ndef main():\n    time.sleep(0.5)\n    return {}"
_LOOPS: Final = (
    "import os\ndef main():\n    for _ in range(5):\n        os.fork()\n    while True:\n        pass"
)
_FLOODS: Final = "import os\ndef main():\n    data = b'x' * 65536\n    while True:\n        os.write(1, data)"
_HUGE: Final = (
    "import os\ndef main():\n    for fd in 1, 2:\n        data = b'\\xff' * (1 << 20)\n"
    "        while data:\n            data = data[os.write(fd, data):]\n"
    "    return {'r': '\\u00e9' * 500_000}"
)
_PATIENT: Final = "import time\ndef main():\n    time.sleep(25)\n    return {}"
#: Each `finally` inside a `finally` doubles the work of the compiler.
_COSTLY: Final = (
    "def main():\n"
    + "".join(f"{' ' * i}try: pass\n{' ' * i}finally:\n" for i in range(1, 25))
    + " " * 26
    + "pass\n"
)

#: Seconds between two exchanges of a thread, and after one that was refused or failed.
_PAUSE: Final = 0.01
_PAUSE_REFUSED: Final = 0.05

#: The priority of the process. The client of a hostile key would run on another machine.
_NICE: Final = 10


@dataclass
class Attacker:
    """The hostile client.

    Attributes:
        port: The port of the API.
        key: Its API key.
        answers: The number of answers by status; 0 is a connection that the service closed without one.
        server_errors: The text of the first answers that a client must never get.
    """

    port: int
    key: str
    answers: Counter[int] = field(default_factory=Counter)
    server_errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._client = Client(f"http://127.0.0.1:{self.port}")
        self._numbers = count()
        self._local = threading.local()

    def ask(self, method: str, path: str, body: object = None) -> Answer:
        """Send a request and count its answer."""
        answer = self._client.ask(method, path, body, authorize(self.key))
        self.count(answer)
        return answer

    def send(self, pieces: list[bytes], pause: float) -> None:
        """Send the pieces of one request on a connection of its own, with pauses, and count its answer."""
        answer = Answer()
        with connect(self.port, timeout=60) as connection:
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(pause)
            while not answer.add(connection.recv(65536)):
                pass
        self.count(answer)

    def chunked_head(self) -> bytes:
        """Return the head of a request with a chunked body."""
        head = f"POST /execute HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {self.key}\r\n"
        return f"{head}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n".encode()

    def count(self, answer: Answer) -> None:
        """Count an answer; pause if it is a refusal."""
        self.answers[answer.status] += 1
        if answer.status == 429:
            time.sleep(_PAUSE_REFUSED)
        if answer.status >= 500 and len(self.server_errors) < 10:
            self.server_errors.append(answer.text.strip())

    def unique(self, script: str) -> str:
        """Return the script with a comment that no other has."""
        return f"{script}\n# {next(self._numbers)}\n"

    def jobs_of_thread(self, script: str, number: int, **limits: float) -> list[str]:
        """Return the ids of this thread's jobs; submit them first if there are none."""
        ids: list[str] = getattr(self._local, "ids", [])
        if not ids:
            answer = self.ask("POST", "/jobs", [{"script": script, "limits": limits}] * number)
            if answer.status == 202:
                self._local.ids = ids = [job["id"] for job in answer.json()]
        return ids


@dataclass(frozen=True)
class Attack:
    """One request or a few, which threads repeat.

    Attributes:
        threads: How many threads repeat it.
        exchange: Sends the requests once.
    """

    threads: int
    exchange: Callable[[Attacker], None]


def _submit_urgent(attacker: Attacker) -> None:
    attacker.ask("POST", "/jobs", {"script": _SLEEPS, "priority": "high"})


def _submit_batch(attacker: Attacker) -> None:
    attacker.ask("POST", "/jobs", [{"script": attacker.unique(_SLEEPS)} for _ in range(100)])


def _loop(attacker: Attacker) -> None:
    _execute(attacker, _LOOPS, timeout=30, cpu=30, processes=64)


def _flood(attacker: Attacker) -> None:
    _execute(attacker, _FLOODS, timeout=30, cpu=30)


def _check(attacker: Attacker) -> None:
    attacker.ask("POST", "/jobs", {"script": attacker.unique(_COSTLY)})


def _wait(attacker: Attacker) -> None:
    for job_id in attacker.jobs_of_thread(_PATIENT, 1, timeout=30):
        attacker.ask("GET", f"/jobs/{job_id}?wait=60")


def _look_up(attacker: Attacker) -> None:
    ids = attacker.jobs_of_thread(_HUGE, 8)
    if ids:
        attacker.ask("GET", "/jobs?ids=" + ",".join(ids))
        attacker.ask("GET", f"/jobs/{ids[0]}")


def _fill(attacker: Attacker) -> None:
    attacker.ask("POST", "/jobs", {"script": _HUGE})


def _send_slowly(attacker: Attacker) -> None:
    attacker.send([attacker.chunked_head(), *[b"1\r\n \r\n"] * 100], 0.1)


def _send_chunks(attacker: Attacker) -> None:
    body = json.dumps({"script": "def main():\n    return {}", "stdin": "x" * 100_000}).encode()
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body)
    attacker.send([attacker.chunked_head() + chunks + b"0\r\n\r\n"], 0)


def _execute(attacker: Attacker, script: str, **limits: Any) -> None:
    attacker.ask("POST", "/execute", {"script": script, "limits": limits})


ATTACKS: Final = {
    "urgent-jobs": Attack(4, _submit_urgent),
    "batches": Attack(2, _submit_batch),
    "cpu-loops": Attack(8, _loop),
    "output-floods": Attack(8, _flood),
    "costly-checks": Attack(8, _check),
    "patient-waits": Attack(64, _wait),
    "huge-outcomes": Attack(4, _fill),
    "huge-look-ups": Attack(4, _look_up),
    "slow-bodies": Attack(32, _send_slowly),
    "chunked-bodies": Attack(4, _send_chunks),
}


def run(names: list[str], port: int, key: str, seconds: float) -> Attacker:
    """Run attacks at the same time; the threads end with the process."""
    attacker, ends = Attacker(port, key), time.monotonic() + seconds

    def repeat(exchange: Callable[[Attacker], None]) -> None:
        while time.monotonic() < ends:
            try:
                exchange(attacker)
            except OSError:
                attacker.answers[0] += 1
                time.sleep(_PAUSE_REFUSED)
            time.sleep(_PAUSE)

    for name in names:
        for _ in range(ATTACKS[name].threads):
            threading.Thread(target=repeat, args=(ATTACKS[name].exchange,), daemon=True).start()
    time.sleep(seconds)
    return attacker


def main() -> None:
    """Read names, port, key and seconds as JSON from standard input; write the answers as JSON."""
    os.nice(_NICE)
    attacker = run(**json.load(sys.stdin))
    print(json.dumps([list(attacker.answers.items()), attacker.server_errors]), flush=True)
    # Requests are still open.
    os._exit(0)


if __name__ == "__main__":
    main()
