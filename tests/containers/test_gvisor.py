"""The restricted executor where no jail can be made: inside gVisor, and in a container without privileges."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.support.attempts import ATTEMPTS, REFUSALS
from tests.support.engine import GVISOR, Engine

# The first test waits for the lab, too.
pytestmark = [pytest.mark.containers, pytest.mark.timeout(1800)]


@dataclass(frozen=True)
class Host:
    """A kind of container. given_up: what a runner must be able to give up there."""

    name: str
    options: tuple[str, ...]
    given_up: str


HOSTS = (
    Host("gvisor", ("--runtime", GVISOR), "the host's network, IPC and host name, its files"),
    # There an ordinary user gets no namespaces.
    Host("default", (), "nothing"),
)

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(params=HOSTS, ids=lambda host: host.name)
def host(request: pytest.FixtureRequest) -> Host:
    """Each kind of container."""
    given: Host = request.param
    return given


@pytest.fixture
def run(engine: Engine, image: str, host: Host) -> Run:
    """Run a module in a container of the kind."""

    def run(*command: str, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        return engine.run(image, *command, options=(*host.options, *options))

    return run


def test_the_restricted_executor_passes_its_self_test(run: Run, host: Host) -> None:
    ran = run("sandbox", "selftest", "--sandbox", "restricted")
    missed = [line for line in ran.stdout.splitlines() if " ok " not in line]
    assert ran.returncode == 0, "\n".join([*missed, ran.stderr])
    assert ran.stdout.splitlines()[0].endswith(f"given up besides: {host.given_up}")


def test_a_worker_that_is_root_runs_jobs_as_somebody_else(run: Run) -> None:
    ran = run("sandbox", "selftest", "--sandbox", "restricted", "--only", "basics", options=("--user", "0"))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "given up besides: root" in ran.stdout


def test_the_kernel_alone_refuses(run: Run) -> None:
    ran = run("tests.containers.inside.kernel_alone")
    assert ran.returncode == 0, ran.stderr
    answers = json.loads(ran.stdout)
    assert list(answers) == list(ATTEMPTS)
    assert {attempt: end for attempt, end in answers.items() if end not in REFUSALS} == {}


def test_nothing_outlives_a_killed_worker(run: Run) -> None:
    ran = run("tests.containers.inside.worker_killed")
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("user", ["1000", "0"])
def test_auto_takes_the_restricted_executor_and_says_why(run: Run, user: str) -> None:
    ran = run("sandbox", "selftest", "--sandbox", "auto", "--only", "basics", options=("--user", user))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.startswith("restricted: ")
    loud = next(line for line in ran.stderr.splitlines() if "NO JAIL WORKS HERE" in line)
    # It was tried: the reason is the host's, not that nothing is installed. And it was cheap: what a jail
    # would need was not copied before the host refused.
    assert loud.partition("restricted executor: no ")[2].startswith(
        ("cgroups can be made below the worker's own: ", "jail can be made; nsjail said: ")
    )


def test_nsjail_that_is_asked_for_and_does_not_work_is_refused(run: Run) -> None:
    ran = run("sandbox", "selftest", "--sandbox", "nsjail", "--only", "basics")
    assert ran.returncode == 2, ran.stdout + ran.stderr
    assert ran.stdout == ""
