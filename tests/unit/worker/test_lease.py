import threading
from collections.abc import Iterator

import pytest
from redis import RedisError

from jobs.job import Job
from store.claim import Claimed
from tests.support.wait import eventually
from worker.lease import AbortReason, LeaseKeeper
from worker.shutdown_state import ShutdownState


class Bench:
    """A heartbeat with everything it touches in the test's hands."""

    def __init__(self) -> None:
        self.answers: dict[str, bool | RedisError] = {}
        self.renewed: list[str] = []
        self.killed: list[str] = []
        self.running = ""
        self.stage = ShutdownState()
        self.heartbeat = LeaseKeeper(self._renew, self._kill, self.stage)

    def _renew(self, job_id: str, _token: int) -> bool:
        self.renewed.append(job_id)
        answer = self.answers.get(job_id, True)
        if isinstance(answer, RedisError):
            raise answer
        return answer

    def _kill(self) -> None:
        self.killed.append(self.running)


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.heartbeat.close()


def _claimed(name: str) -> Claimed:
    return Claimed(name, Job(""), token=1, attempt=1, created_ms=0, started_ms=0)


def test_the_claim_on_a_long_job_is_renewed_and_again(bench: Bench) -> None:
    with bench.heartbeat.holding(_claimed("long")) as running:
        eventually(lambda: bench.renewed == ["long", "long"], within=10, what="it is renewed")
    assert running.abort_reason is None
    assert bench.killed == []


def test_a_job_that_is_not_wanted_is_killed_until_it_has_ended(bench: Bench) -> None:
    bench.running = "cancelled"
    bench.answers["cancelled"] = False
    with bench.heartbeat.holding(_claimed("cancelled")) as running:
        eventually(lambda: len(bench.killed) >= 2, within=10, what="it is killed again")
    assert running.abort_reason is AbortReason.UNWANTED
    assert bench.renewed == ["cancelled"]


def test_a_job_that_has_just_ended_is_not_killed_nor_the_next(bench: Bench) -> None:
    asked, answer = threading.Event(), threading.Event()

    def renew(_job_id: str, _token: int) -> bool:
        asked.set()
        answer.wait(10)
        return False

    heartbeat = LeaseKeeper(renew, lambda: bench.killed.append("any"), bench.stage)
    with heartbeat.holding(_claimed("first")):
        asked.wait(10)
    with heartbeat.holding(_claimed("second")) as second:
        answer.set()
        heartbeat.close()
    assert (bench.killed, second.abort_reason) == ([], None)


def test_a_job_goes_on_while_redis_is_away(bench: Bench) -> None:
    bench.answers["any"] = RedisError("away")
    with bench.heartbeat.holding(_claimed("any")) as running:
        eventually(lambda: len(bench.renewed) >= 2, within=10, what="it is tried again")
    assert (running.abort_reason, bench.killed) == (None, [])


def test_a_stop_whose_grace_is_over_kills_the_job(bench: Bench) -> None:
    bench.stage.hand_back()
    with bench.heartbeat.holding(_claimed("any")) as running:
        eventually(lambda: bench.killed, within=10, what="it is killed")
    assert running.abort_reason is AbortReason.HANDED_BACK
    assert bench.renewed == []


def test_an_idle_process_asks_nothing(bench: Bench) -> None:
    with bench.heartbeat.holding(_claimed("short")):
        pass
    bench.heartbeat.close()
    assert bench.renewed == []
