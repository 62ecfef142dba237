"""The restricted executor where no jail can be made: under gVisor, and in a container without privileges."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.support.attempts import ATTEMPTS, REFUSALS
from tests.support.engine import GVISOR, Engine
from tests.support.selftest import assert_selftest_passed

# The first test waits for the engine, too.
pytestmark = [pytest.mark.containers, pytest.mark.timeout(1800)]


@dataclass(frozen=True)
class Host:
    """A kind of container.

    Attributes:
        name: Its name in the test ids.
        options: The options of `docker run`.
        dropped: The privileges that the restricted executor can drop there, as the self-test prints them.
    """

    name: str
    options: tuple[str, ...]
    dropped: str


HOSTS = (
    Host("gvisor", ("--runtime", GVISOR), "the host's network, IPC and host name, its files"),
    # Docker's default seccomp profile denies namespaces to an ordinary user.
    Host("default", (), "nothing"),
)

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(params=HOSTS, ids=lambda host: host.name)
def host(request: pytest.FixtureRequest) -> Host:
    """Each kind of container."""
    host: Host = request.param
    return host


@pytest.fixture
def run(engine: Engine, sandbox_image: str, host: Host) -> Run:
    """Run a Python module in a container of this kind."""

    def run(*command: str, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        return engine.run_unprivileged(sandbox_image, *command, options=(*host.options, *options))

    return run


def test_restricted_executor_passes_its_self_test(run: Run, host: Host) -> None:
    # test_cloudrun.py runs all probes under gVisor, in the image of the worker.
    chosen = ("--only", "basics") if host.name == "gvisor" else ()
    header = assert_selftest_passed(run("sandbox", "selftest", "--sandbox", "restricted", *chosen))
    assert header.endswith(f"also dropped: {host.dropped}")


def test_restricted_executor_drops_root_when_the_worker_is_root(run: Run) -> None:
    ran = run("sandbox", "selftest", "--sandbox", "restricted", "--only", "basics", options=("--user", "0"))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "also dropped: root" in ran.stdout


def test_kernel_refuses_every_attempt_when_the_language_is_not_guarded(run: Run) -> None:
    ran = run("tests.containers.inside.kernel_alone")
    assert ran.returncode == 0, ran.stderr
    refusals = json.loads(ran.stdout)
    assert list(refusals) == list(ATTEMPTS)
    assert {attempt: refusal for attempt, refusal in refusals.items() if refusal not in REFUSALS} == {}


def test_every_process_of_the_sandbox_ends_when_the_worker_is_killed(run: Run) -> None:
    ran = run("tests.containers.inside.worker_killed")
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("user", ["1000", "0"])
def test_auto_selects_the_restricted_executor_and_logs_why(run: Run, user: str) -> None:
    ran = run("sandbox", "selftest", "--sandbox", "auto", "--only", "basics", options=("--user", user))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.startswith("restricted: ")
    warning = next(line for line in ran.stderr.splitlines() if "NO JAIL WORKS HERE" in line)
    # nsjail is installed, so the reason must show that the worker tried a jail and the host refused it. The
    # host must refuse before the worker copies the standard library for the jail's root, because the copy is
    # slow.
    assert warning.partition("restricted executor: no ")[2].startswith(
        ("cgroups can be made for jails: ", "cgroups for jails: ", "jail can be made; ")
    )


def test_selftest_fails_when_nsjail_is_required_but_does_not_work(run: Run) -> None:
    ran = run("sandbox", "selftest", "--sandbox", "nsjail", "--only", "basics")
    assert ran.returncode == 2, ran.stdout + ran.stderr
    assert ran.stdout == ""
