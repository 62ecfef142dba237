"""Real workers, each in a process of its own, without an API."""

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
    """A worker that takes jobs.

    Attributes:
        process: Its main process.
        log: The file with its output.
        redis: A connection to its Redis.
    """

    process: subprocess.Popen[bytes]
    log: Path
    redis: "Redis"

    def pool(self) -> list[psutil.Process]:
        """Return the worker's pool processes. Each runs one job at a time."""
        return psutil.Process(self.process.pid).children()

    def jails(self) -> list[psutil.Process]:
        """Return all processes of the sandboxes: the descendants of the pool processes."""
        return [inside for one in self.pool() for inside in one.children(recursive=True)]

    @staticmethod
    def vanished(processes: list[psutil.Process]) -> list[psutil.Process]:
        """Return the members of `processes` that have ended."""
        return [process for process in processes if not process.is_running()]

    def busy(self) -> psutil.Process:
        """Wait until the script of a job runs; return the pool process that runs the job."""

        def running() -> psutil.Process | None:
            # A jail for the next job is always ready, so its processes prove nothing. The store shows whether
            # a worker has claimed a job.
            if not self.redis.zcard(keys.RUNNING):
                return None
            # With a job a pool process has at least three descendants: nsjail, the zygote and the runner.
            return next((one for one in self.pool() if len(one.children(recursive=True)) >= 3), None)

        found = eventually(running, within=20, what="a job runs")
        assert found is not None
        return found

    def stop(self) -> None:
        """Send SIGTERM to the worker, without waiting for its end."""
        self.process.terminate()

    def ended(self, within: float) -> int:
        """Wait up to `within` seconds for the worker to end; return its exit status."""
        return self.process.wait(within)


@contextmanager
def worker_process(url: str, **settings: str) -> Iterator[WorkerProcess]:
    """Run a worker and yield it once it takes jobs.

    Args:
        url: Its Redis.
        settings: Its settings, as environment variables.
    """
    store = JobStore(url)
    before = set(store.workers())
    with starting_worker(url, **settings) as worker:
        eventually(lambda: _ready(worker, store, before), within=30, what="a worker consumes")
        yield worker


@contextmanager
def starting_worker(url: str, **settings: str) -> Iterator[WorkerProcess]:
    """Run a worker and yield it at once. See `worker_process`."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        scratch.chmod(0o755)
        environment = {
            "PATH": os.environ["PATH"],
            "TMPDIR": folder,
            "REDIS_URL": url,
            "SANDBOX": "nsjail",
            "ENVIRONMENTS": str(scratch / "environments"),
            "WORKERS": "1",
            **settings,
        }
        log = scratch / "log"
        with (
            log.open("wb") as output,
            connect(url) as redis,
            running([sys.executable, "-m", "worker"], environment, output) as process,
        ):
            yield WorkerProcess(process, log, redis)


def _ready(worker: WorkerProcess, store: JobStore, before: set[Worker]) -> bool:
    if worker.process.poll() is not None:
        raise AssertionError(f"the worker ended: {worker.log.read_text()}")
    return bool(set(store.workers()) - before)
