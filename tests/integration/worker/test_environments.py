"""A worker with environments: what it announces, and which jobs it runs."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.environment import STDLIB, Environment, Package
from jobs.job import Job
from jobs.status import Status
from store.worker import Worker
from tests.support.fleet import WorkerProcess, worker_process
from tests.support.server import RedisServer
from tests.support.store import StoreHarness, outcome_of
from tests.support.wait import eventually
from tests.support.wheels import Workbench, write_wheel

SIDES = "import shapes\n\ndef main():\n    return {'sides': shapes.SIDES}"
JOB = Job(SIDES, environment="data")


@pytest.fixture(scope="module")
def worker_settings() -> Iterator[dict[str, str]]:
    """Build the environment `data` with one small package, and put a broken one beside it."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        scratch.chmod(0o755)
        (scratch / "wheels").mkdir()
        bench = Workbench(scratch / "wheels", scratch / "environments")
        built = bench.run("build", "data", bench.lock(write_wheel(bench.wheels)))
        assert built.returncode == 0, built.stderr
        (bench.environments / "broken").symlink_to("nowhere")
        flawed = {"flaw.py": "raise RuntimeError('a flaw')\n"}
        bench.build(write_wheel(bench.wheels, "flaw", files=flawed), name="flawed")
        yield {"ENVIRONMENTS": str(bench.environments), "PRELOAD": "shapes,flaw", "WORKERS": "2"}


@pytest.fixture(scope="module")
def worker(server: RedisServer, worker_settings: dict[str, str]) -> Iterator[WorkerProcess]:
    with worker_process(server.url, **worker_settings) as worker:
        yield worker


def _announced(harness: StoreHarness) -> Environment:
    """Wait until a worker has announced `data`, and return it."""

    def data() -> Environment | None:
        return next((one for one in harness.store.environments() if one.name == "data"), None)

    found = eventually(data, within=10, what="the environment is announced")
    assert found is not None
    return found


def test_worker_announces_its_environments(worker: WorkerProcess, harness: StoreHarness) -> None:
    data = _announced(harness)
    assert data.packages == (Package("shapes", "1.0", "MIT"),)
    assert (data.modules, data.preloaded) == (("shapes",), ("shapes",))
    assert [one.environments for one in harness.store.workers()] == [(STDLIB, "data")]
    log = worker.log.read_text()
    assert "environment data: 1 packages; preloaded: shapes" in log
    assert "NOT OFFERED: environment broken: " in log
    (line,) = (line for line in log.splitlines() if "NOT OFFERED: environment flawed: " in line)
    assert "RuntimeError: a flaw" in line


@pytest.mark.usefixtures("worker")
def test_worker_runs_a_job_with_the_packages_of_its_environment(harness: StoreHarness) -> None:
    outcome = outcome_of(harness, harness.submit(job=JOB))
    assert (outcome.error, outcome.result) == (None, {"sides": 4})
    assert outcome.environment_digest == _announced(harness).digest
    harness.check()


@pytest.mark.usefixtures("worker")
def test_worker_hides_the_packages_from_a_job_of_stdlib(harness: StoreHarness) -> None:
    outcome = outcome_of(harness, harness.submit(job=Job(SIDES)))
    assert outcome.error is not None
    assert "No module named 'shapes'" in outcome.error.message
    assert outcome.environment_digest is None


def test_worker_runs_jobs_of_its_environments_while_another_waits_for_its_own(
    worker: WorkerProcess, harness: StoreHarness
) -> None:
    waiting = harness.submit(job=Job(SIDES, environment="geo"))
    jobs = [harness.submit(job=Job(SIDES, environment=name)) for name in ("data", STDLIB) * 3]
    for job_id in jobs:
        outcome_of(harness, job_id)
    assert harness.status(waiting) is Status.QUEUED
    assert worker.process.poll() is None
    log = worker.log.read_text()
    assert "mode=main environment=data status=succeeded attempt=1" in log
    harness.check()


def _registered(harness: StoreHarness, detail: str) -> Worker:
    """Wait until a worker whose description contains `detail` has registered, and return it."""

    def worker() -> Worker | None:
        return next((one for one in harness.store.workers() if detail in one.detail), None)

    found = eventually(worker, within=30, what="the worker has registered")
    assert found is not None
    return found


def test_environment_stays_announced_when_its_worker_stops(
    server: RedisServer, harness: StoreHarness, worker_settings: dict[str, str]
) -> None:
    with worker_process(server.url, **worker_settings, ISOLATION="fresh") as worker:
        registered = _registered(harness, "each job in its own jail")
        assert registered.environments == (STDLIB, "data")
        assert "preloaded: nothing, because ISOLATION is fresh" in worker.log.read_text()
        worker.stop()
        assert worker.ended(within=30) == 0
        assert registered not in harness.store.workers()
        assert _announced(harness).name == "data"


def test_worker_offers_stdlib_alone_when_its_sandbox_is_restricted(
    server: RedisServer, harness: StoreHarness, worker_settings: dict[str, str]
) -> None:
    with worker_process(server.url, **worker_settings | {"SANDBOX": "restricted"}) as worker:
        assert _registered(harness, "a guarded language").environments == (STDLIB,)
        assert "NOT OFFERED: environment data: " in worker.log.read_text()


def test_worker_has_its_zygotes_ready_when_it_registers(worker: WorkerProcess, harness: StoreHarness) -> None:
    _announced(harness)
    # Each pool process has a jail of `stdlib` and one of `data`, and a runner waits in each.
    for process in worker.pool():
        jails = [child for child in process.children() if child.name() == "nsjail"]
        assert [len(jail.children()) for jail in jails] == [1, 1]
    outcome = outcome_of(harness, harness.submit(job=JOB))
    assert (outcome.error, outcome.result) == (None, {"sides": 4})
