"""A worker without a sandbox. It claims jobs from a real job store; the test chooses their outcomes."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import cycle

from config.redis import connect
from jobs.environment import STDLIB, Environment, Package
from jobs.outcome import Outcome, SandboxKind
from store import keys
from store.claims import Claimed
from store.config import StoreConfig
from store.job_store import JobStore
from store.worker import Worker

REGISTRATION = Worker(id="test-1", sandbox="nsjail", detail="none: a test's worker")
DATA = Environment(
    "data",
    "3.11.7",
    digest="sha256:" + "0a" * 32,
    packages=(Package("numpy", "2.4.6", "BSD-3-Clause"), Package("pillow", "12.0.0", "")),
    modules=("PIL", "numpy"),
    preloaded=("numpy",),
)
SUCCESS = Outcome(sandbox=SandboxKind.NSJAIL, result={"ok": True}, stdout="hi\n")


class StubWorker:
    """A worker that uses the job store in the same way as a real worker."""

    def __init__(self, url: str) -> None:
        self._redis = connect(url, block=30)
        names = (STDLIB, DATA.name)
        self._lists = [keys.notifications(name) for name in names]
        config = StoreConfig(result_ttl=60)
        self._store = JobStore(url, config, environments=names, notification="another message")
        self._registration = REGISTRATION

    def register(self, sandbox: str = REGISTRATION.sandbox) -> None:
        """Register this worker, with the standard library alone."""
        self._register(replace(REGISTRATION, sandbox=sandbox))

    def announce(self, *environments: Environment) -> None:
        """Register this worker, and announce its environments."""
        names = {STDLIB, *(environment.name for environment in environments)}
        self._register(replace(REGISTRATION, environments=tuple(sorted(names))), environments)

    def unregister(self) -> None:
        """Remove the registration."""
        self._store.unregister_worker(self._registration)

    def _register(self, registration: Worker, environments: Sequence[Environment] = ()) -> None:
        self._registration = registration
        self._store.register_worker(registration, environments)

    def snapshot(self) -> None:
        """Add a snapshot to the history."""
        self._store.take_snapshot()

    def notifications(self) -> int:
        """Return how many notifications are pending."""
        return sum(int(self._redis.llen(name)) for name in self._lists)

    def take(self) -> Claimed:
        """Wait for a notification and claim the job that must be queued."""
        job = self.poll(30)
        assert job is not None, "no notification came, or no job is queued"
        return job

    def poll(self, seconds: float) -> Claimed | None:
        """Wait up to `seconds` for a notification; return the claimed job, or None."""
        popped = self._redis.brpop(self._lists, timeout=seconds)
        return self._store.claim() if popped else None

    def end(self, job: Claimed, outcome: Outcome = SUCCESS) -> None:
        """Finish the job."""
        assert self._store.finish(job.id, job.token, outcome).counts

    def offer(self, job: Claimed, outcome: Outcome) -> None:
        """Finish the job, unless it was cancelled."""
        self._store.finish(job.id, job.token, outcome)

    def close(self) -> None:
        """Close the connections."""
        self._redis.close()
        self._store.close()


@contextmanager
def working(url: str, *outcomes: Outcome) -> Iterator[None]:
    """Run a stub worker that finishes every job, with each of `outcomes` in turn."""
    worker = StubWorker(url)
    stop = threading.Event()
    turns = cycle(outcomes)

    def work() -> None:
        while not stop.is_set():
            worker.register()
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
