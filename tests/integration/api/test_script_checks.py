"""Scripts that are costly to check, of one key, while another key submits its own."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count

import httpx
import pytest

from config.credentials import new_key
from tests.support.api import BODY, running_app
from tests.support.gunicorn import serving
from tests.support.rejections import MAIN, large
from tests.support.wait import eventually
from tests.support.worker import StubWorker

#: A script of 1.5 KB that the compiler cannot process: each `finally` inside a `finally` doubles its work.
TOO_COMPLEX = (
    "def main():\n"
    + "".join(f"{' ' * i}try:\n{' ' * i} pass\n{' ' * i}finally:\n" for i in range(1, 25))
    + " " * 26
    + "pass\n"
)
HOSTILE_CLIENTS = 8

#: A script that only the restricted executor refuses.
FORBIDDEN = {"script": f"import socket\n{MAIN}"}


class Clients:
    """A client for each of two keys of one server."""

    def __init__(self, redis_url: str, stack: ExitStack, **settings: str) -> None:
        keys, entries = zip(*(new_key(name) for name in ("hostile", "honest")), strict=True)
        self.server = stack.enter_context(serving(redis_url, API_KEYS=",".join(entries), **settings))
        self._headers = [{"Authorization": f"Bearer {key}"} for key in keys]

    def submit(self, script: str, *, hostile: bool) -> httpx.Response:
        return self.server.client.post("/jobs", json={"script": script}, headers=self._headers[not hostile])


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_checks_of_one_key_leave_the_checks_of_another_alone_when_they_are_costly(
    redis_url: str, stack: ExitStack
) -> None:
    clients = Clients(redis_url, stack)
    answers: Counter[tuple[int, str]] = Counter()
    number = count()
    stop = threading.Event()

    def attack() -> None:
        while not stop.is_set():
            response = clients.submit(f"{TOO_COMPLEX}# {next(number)}\n", hostile=True)
            answers[response.status_code, response.json()["error"]["type"]] += 1
            if response.status_code == 429:
                assert int(response.headers["Retry-After"]) >= 1

    with ThreadPoolExecutor(HOSTILE_CLIENTS) as pool:
        attackers = [pool.submit(attack) for _ in range(HOSTILE_CLIENTS)]
        try:
            eventually(lambda: answers[429, "rate_limited"], within=30, what="the key is refused")
            honest = [
                clients.submit(f"{script}# {next(number)}\n", hostile=False)
                for script in (large(MAIN), MAIN) * 4
            ]
            live = clients.server.client.get("/health/live")
        finally:
            stop.set()
        for attacker in attackers:
            attacker.result(60)
    assert {response.status_code for response in honest} == {202}
    assert live.status_code == 200
    assert set(answers) <= {(400, "syntax_error"), (429, "rate_limited")}


def test_check_is_not_repeated_when_the_same_script_is_sent_again(redis_url: str, stack: ExitStack) -> None:
    clients = Clients(redis_url, stack)
    answers = [clients.submit(TOO_COMPLEX, hostile=True) for _ in range(8)]
    # Checked each time, the script would exceed the budget of the key.
    assert {answer.status_code for answer in answers} == {400}


def test_check_refuses_new_scripts_of_a_key_that_has_used_up_its_cpu_time(
    redis_url: str, stack: ExitStack
) -> None:
    clients = Clients(redis_url, stack, KEY_CHECK_CPU="0.001")
    assert clients.submit(MAIN, hostile=True).status_code == 202
    answers = [clients.submit(f"{TOO_COMPLEX}# {number}\n", hostile=True) for number in range(8)]
    assert answers[0].status_code == 400
    assert answers[-1].status_code == 429
    assert clients.submit(f"{MAIN}# new\n", hostile=True).status_code == 429
    assert clients.submit(MAIN, hostile=True).status_code == 202
    assert clients.submit(f"{MAIN}# new\n", hostile=False).status_code == 202


def test_check_applies_the_restricted_rules_when_the_first_worker_has_just_registered(
    redis_url: str, worker: StubWorker
) -> None:
    with running_app(redis_url) as app:
        client = app.test_client()
        assert client.post("/jobs", json=BODY).status_code == 202
        worker.register("restricted")
        assert client.post("/jobs", json=FORBIDDEN).status_code == 400
        # The next worker is most likely of the same kind.
        worker.unregister()
        assert client.post("/jobs", json=FORBIDDEN).status_code == 400
