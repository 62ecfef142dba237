"""The start of a worker with environments: it takes jobs when the zygotes of every pool process are ready."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from jobs.environment import STDLIB
from jobs.job import Job
from tests.support.fleet import WorkerProcess, starting_worker, worker_process
from tests.support.server import RedisServer
from tests.support.store import StoreHarness, outcome_of
from tests.support.wait import eventually
from tests.support.wheels import Workbench, write_wheel

PLAIN = "def main(): return {}"


@contextmanager
def _environment(name: str, text: str) -> Iterator[dict[str, str]]:
    """Build an environment with one module; yield the settings of a worker that preloads it."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        scratch.chmod(0o755)
        (scratch / "wheels").mkdir()
        bench = Workbench(scratch / "wheels", scratch / "environments")
        bench.build(write_wheel(bench.wheels, name, files={f"{name}.py": text}), name=name)
        yield {"ENVIRONMENTS": str(bench.environments), "PRELOAD": name}


@pytest.fixture(scope="module")
def shapes() -> Iterator[dict[str, str]]:
    with _environment("shapes", "SIDES = 4\n") as settings:
        yield settings


@pytest.fixture(scope="module")
def endless() -> Iterator[dict[str, str]]:
    """An environment whose module takes ten minutes to import."""
    with _environment("endless", "import time\ntime.sleep(600)\n") as settings:
        yield settings


def test_pool_process_has_its_environments_when_it_replaces_a_killed_one(
    server: RedisServer, harness: StoreHarness, shapes: dict[str, str]
) -> None:
    with worker_process(server.url, **shapes) as worker:
        outcome_of(harness, harness.submit(job=Job(PLAIN, environment="shapes")))
        (killed,) = worker.pool()
        killed.kill()
        for environment in ("shapes", STDLIB):
            outcome = outcome_of(harness, harness.submit(job=Job(PLAIN, environment=environment)))
            assert (outcome.error, outcome.result) == (None, {})
        (process,) = worker.pool()
        assert process.pid != killed.pid
        assert "is broken in a pool process" not in worker.log.read_text()


def _checking(worker: WorkerProcess) -> psutil.Process:
    """Wait until the zygotes of both environments start, and return the only pool process."""

    def process() -> psutil.Process | None:
        found = worker.pool() if "its self-test passed" in worker.log.read_text() else []
        return found[0] if found and len(found[0].children()) == 2 else None

    found = eventually(process, within=30, what="the zygotes start")
    assert found is not None
    return found


def test_worker_ends_and_leaves_nothing_when_it_is_stopped_while_zygotes_start(
    server: RedisServer, harness: StoreHarness, endless: dict[str, str]
) -> None:
    with starting_worker(server.url, **endless) as worker:
        processes = [_checking(worker), *worker.jails()]
        worker.stop()
        assert worker.ended(within=20) == 0
        eventually(
            lambda: len(worker.vanished(processes)) == len(processes), within=10, what="all have ended"
        )
        assert not list(worker.log.parent.glob("python-executor-*"))
    assert not harness.store.workers()


def test_worker_fails_when_a_pool_process_is_killed_before_it_is_ready(
    server: RedisServer, harness: StoreHarness, endless: dict[str, str]
) -> None:
    with starting_worker(server.url, **endless) as worker:
        _checking(worker).kill()
        assert worker.ended(within=20) == 1
        assert "Could not start worker processes" in worker.log.read_text()
    assert not harness.store.workers()
