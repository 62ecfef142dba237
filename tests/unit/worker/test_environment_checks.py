"""The checks of environments: what the main process hears, and what each pool process drops."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from jobs.environment import STDLIB
from jobs.job import Job
from jobs.outcome import Outcome
from sandbox.errors import SandboxFailure
from sandbox.packages import Packages
from sandbox.protocol import OnOutput, Sandbox
from tests.support.stub_sandbox import StubSandbox
from worker.environment_checks import EnvironmentChecks

NAMES = ("data", "geo")


class _Sandbox(StubSandbox):
    """A sandbox in which the jobs of some environments fail."""

    def __init__(self, *broken: str) -> None:
        super().__init__()
        self.dropped: set[str] = set()
        self._broken = broken

    def run(self, job: Job, on_output: OnOutput | None = None) -> Outcome:
        if job.environment in self._broken:
            raise SandboxFailure(f"no jail of {job.environment}")
        return super().run(job, on_output)

    def drop(self, environment: str) -> None:
        self.dropped.add(environment)


def _checks(verify: Callable[[Sandbox], None] = lambda _: None) -> EnvironmentChecks:
    return EnvironmentChecks([Packages(name, "sha256:1", Path("/nowhere")) for name in NAMES], verify)


def _fork(run: Callable[[], object]) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            run()
        finally:
            os._exit(0)
    return pid


def test_wait_returns_the_first_fault_of_each_environment_when_every_process_has_ended_its_checks() -> None:
    checks = _checks()
    processes = [_fork(lambda: checks.run(_Sandbox("geo"))) for _ in range(2)]
    assert checks.wait() == {"geo": "no jail of geo"}
    assert checks.working == (STDLIB, "data")
    for process in processes:
        os.waitpid(process, 0)


def test_wait_ends_when_a_process_dies_before_its_checks() -> None:
    checks = _checks()
    process = _fork(lambda: None)
    assert checks.wait() == dict.fromkeys(NAMES, "no pool process could verify it")
    assert checks.working == (STDLIB,)
    os.waitpid(process, 0)


def test_environment_is_broken_when_its_jobs_are_not_isolated() -> None:
    def verify(_: Sandbox) -> None:
        raise SandboxFailure("an attack got through")

    checks = _checks(verify)
    process = _fork(lambda: checks.run(_Sandbox()))
    assert checks.wait() == dict.fromkeys(NAMES, "an attack got through")
    assert checks.working == (STDLIB,)
    os.waitpid(process, 0)


def test_environment_is_verified_by_one_process() -> None:
    reader, writer = os.pipe()
    checks = _checks(lambda _: (os.write(writer, b"x"), None)[1])
    for _ in range(2):
        os.waitpid(_fork(lambda: checks.run(_Sandbox())), 0)
    assert checks.wait() == {}
    os.close(writer)
    assert os.read(reader, 100) == b"x" * len(NAMES)
    os.close(reader)


def test_environment_is_broken_when_the_process_that_verifies_it_ends_by_an_error() -> None:
    def verify(_: Sandbox) -> None:
        raise RuntimeError("no more threads")

    checks = _checks(verify)
    for _ in range(2):
        os.waitpid(_fork(lambda: checks.run(_Sandbox())), 0)
    # The second process found the first environment already begun, and tried to verify the other.
    assert checks.wait() == dict.fromkeys(NAMES, "no pool process could verify it")


def test_environment_works_when_its_second_check_succeeds() -> None:
    class Recovering(_Sandbox):
        def run(self, job: Job, on_output: OnOutput | None = None) -> Outcome:
            self._broken, broken = (), self._broken
            if job.environment in broken:
                raise SandboxFailure("the zygote was killed")
            return super().run(job, on_output)

    checks = _checks()
    os.waitpid(_fork(lambda: checks.run(Recovering("data"))), 0)
    assert checks.wait() == {}


def test_fault_is_told_when_it_has_many_characters_that_json_escapes() -> None:
    def verify(_: Sandbox) -> None:
        raise SandboxFailure("\U0001f600" * 9000)

    checks = _checks(verify)
    os.waitpid(_fork(lambda: checks.run(_Sandbox())), 0)
    assert checks.wait() == dict.fromkeys(NAMES, "\U0001f600" * 8000)


def test_process_drops_an_environment_that_another_has_found_broken() -> None:
    checks = _checks()
    process = _fork(lambda: checks.run(_Sandbox("geo")))
    checks.wait()
    os.waitpid(process, 0)
    sandbox = _Sandbox()
    checks.drop_broken(sandbox)
    assert sandbox.dropped == {"geo"}


def test_process_that_replaces_another_keeps_an_environment_that_fails(
    caplog: pytest.LogCaptureFixture,
) -> None:
    checks = _checks()
    os.waitpid(_fork(lambda: checks.run(_Sandbox())), 0)
    checks.wait()
    sandbox = _Sandbox("data")
    checks.run(sandbox)
    assert checks.working == (STDLIB, *NAMES)
    assert not sandbox.dropped
    assert caplog.messages == ["environment data: not ready: no jail of data"]
