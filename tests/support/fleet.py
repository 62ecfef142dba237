"""Real workers, each a process, without an API in front of them."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from redis import Redis

from config.redis import connect
from store import keys
from store.job_store import JobStore
from store.worker import Worker
from tests.support.process import running
from tests.support.wait import eventually


@dataclass(frozen=True)
class WorkerProcess:
    """A worker that consumes."""

    process: subprocess.Popen[bytes]
    log: Path
    redis: "Redis"

    def pool(self) -> list[psutil.Process]:
        """Return the processes that run jobs."""
        return psutil.Process(self.process.pid).children()

    def jails(self) -> list[psutil.Process]:
        """Return all processes that are a sandbox's."""
        return [inside for one in self.pool() for inside in one.children(recursive=True)]

    @staticmethod
    def vanished(processes: list[psutil.Process]) -> list[psutil.Process]:
        """Return those that are no more: of a job that has ended at least its own."""
        return [process for process in processes if not process.is_running()]

    def busy(self) -> psutil.Process:
        """Wait until a job's script runs; return the pool process that waits for it."""

        def running() -> psutil.Process | None:
            # A place for the next job waits there all the time: that one is claimed, the records tell.
            if not self.redis.zcard(keys.RUNNING):
                return None
            # A jail is nsjail, its init and the script's own process.
            return next((one for one in self.pool() if len(one.children(recursive=True)) >= 3), None)

        found = eventually(running, within=20, what="a job runs")
        assert found is not None
        return found

    def stop(self) -> None:
        """Ask it to stop; it may still be there when this returns."""
        self.process.terminate()

    def ended(self, within: float) -> int:
        """Return its exit status; fail after `within` seconds."""
        return self.process.wait(within)


@contextmanager
def worker_process(url: str, **settings: str) -> Iterator[WorkerProcess]:
    """Run a worker at the Redis of `url`, with `settings` in its environment, from when it consumes on."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        scratch.chmod(0o755)
        environment = {
            "PATH": os.environ["PATH"],
            "TMPDIR": folder,
            "REDIS_URL": url,
            "SANDBOX": "nsjail",
            "WORKERS": "1",
            **settings,
        }
        log = scratch / "log"
        store = JobStore(url)
        with log.open("wb") as output, connect(url) as redis:
            before = set(store.workers())
            with running([sys.executable, "-m", "worker"], environment, output) as process:
                worker = WorkerProcess(process, log, redis)
                eventually(lambda: _ready(worker, store, before), within=30, what="a worker consumes")
                yield worker


def _ready(worker: WorkerProcess, store: JobStore, before: set[Worker]) -> bool:
    if worker.process.poll() is not None:
        raise AssertionError(f"the worker ended: {worker.log.read_text()}")
    return bool(set(store.workers()) - before)
