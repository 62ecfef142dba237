"""A worker without a sandbox: it takes jobs off the real queue and ends them as the test says."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle

from config.redis import connect
from jobs.outcome import Outcome, SandboxKind
from store import keys
from store.claim import Claim, Claimed
from store.finish import Finish
from store.workers import Worker, Workers

PRESENT = Worker(id="test-1", sandbox="nsjail", detail="none, a test's")
SUCCESS = Outcome(sandbox=SandboxKind.NSJAIL, result={"ok": True}, stdout="hi\n")


class StubWorker:
    """A worker that speaks through the records only, as a real one does."""

    def __init__(self, url: str) -> None:
        self._redis = connect(url, block=30)
        self._claim = Claim(self._redis, ttl=60, hint="another message")
        self._finish = Finish(self._redis, self._claim, ttl=60, hint="another message")

    def beat(self) -> None:
        """Say that this worker is there."""
        Workers(self._redis).beat(PRESENT)

    def leave(self) -> None:
        """Say that it is gone."""
        Workers(self._redis).leave(PRESENT)

    def messages(self) -> int:
        """Return how many messages wait."""
        return int(self._redis.llen(keys.HINTS))

    def take(self) -> Claimed:
        """Wait for the next message and claim a job."""
        job = self.poll(30)
        assert job is not None, "no message came, or no job waited"
        return job

    def poll(self, seconds: float) -> Claimed | None:
        """Wait for the next message and claim a job, if there is one."""
        return self._claim() if self._redis.brpop([keys.HINTS], timeout=seconds) else None

    def end(self, job: Claimed, outcome: Outcome = SUCCESS) -> None:
        """Finish the job."""
        assert self._finish(job.id, job.token, outcome).counts

    def offer(self, job: Claimed, outcome: Outcome) -> None:
        """Finish the job, should it not have been cancelled."""
        self._finish(job.id, job.token, outcome)

    def close(self) -> None:
        """Close the connections."""
        self._redis.close()


@contextmanager
def working(url: str, *outcomes: Outcome) -> Iterator[None]:
    """End every job as it comes, with each of `outcomes` in turn."""
    worker = StubWorker(url)
    stop = threading.Event()
    turns = cycle(outcomes)

    def work() -> None:
        while not stop.is_set():
            worker.beat()
            if job := worker.poll(0.2):
                worker.offer(job, next(turns))

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        worker.close()
