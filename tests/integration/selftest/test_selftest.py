"""The self-test: every probe in live sandboxes, proof that each probe can fail, and the command."""

import io
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from jobs.outcome import SandboxKind
from sandbox.errors import SandboxFailure
from sandbox.isolation import Isolation
from sandbox.jail.sandbox import NsjailSandbox
from sandbox.restricted.sandbox import RestrictedSandbox
from selftest import catalogue, table
from selftest.finding import run_probe
from selftest.probe import Probe
from selftest.startup import verify
from tests.support.checkout import ROOT
from tests.support.jail import nsjail_sandbox
from tests.support.stub_sandbox import StubSandbox

CONFIG = ROOT / "config"

JAIL = catalogue.probes(SandboxKind.NSJAIL)
RESTRICTED = catalogue.probes(SandboxKind.RESTRICTED)
SYSCALLS = [probe for probe in JAIL if probe.area == "syscalls"]
ESCAPES = [probe for probe in RESTRICTED if probe.area == "escapes"]

#: Probes of calls that the kernel refuses without a filter, because the jail has no capability or because the
#: kernel does not have the call, and of locks, which the policy answers with 0 in both cases.
REFUSED_WITHOUT_FILTER = {
    "clone3-is-unknown",
    "int-0x80-is-refused",
    "host-name-cannot-be-set",
    "locks-never-reach-the-kernel",
    "other-namespaces-are-refused",
    "sendfile-is-refused",
    "x32-calls-are-refused",
}


def _name(probe: Probe) -> str:
    return probe.name


@pytest.fixture(scope="module")
def unfiltered(nsjail: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NsjailSandbox]:
    """A jail whose seccomp filter allows every call."""
    policies = tmp_path_factory.mktemp("policies")
    for policy in (*CONFIG.glob("nsjail.cfg"), *CONFIG.glob("*.kafel")):
        shutil.copy(policy, policies)
    (policies / "seccomp-fresh.kafel").write_text("USE jail DEFAULT ALLOW")
    with nsjail_sandbox(Isolation.FRESH) as sandbox:
        factory = sandbox._environments["stdlib"]._pool._factory
        factory._config = replace(factory._config, policies=policies)
        # The jails that have already started have the real filter, so close them.
        sandbox.close()
        yield sandbox


@pytest.fixture(scope="module")
def unguarded_jail(nsjail: None) -> Iterator[NsjailSandbox]:
    """A jail whose interpreter has imported the modules that escapes use. Its language is not guarded."""
    with nsjail_sandbox() as sandbox:
        yield sandbox


@pytest.mark.parametrize("probe", JAIL, ids=_name)
def test_jail_withstands_every_probe(sandbox: NsjailSandbox, probe: Probe) -> None:
    finding = run_probe(sandbox, probe)
    assert finding.passed, finding.seen


@pytest.mark.parametrize("probe", RESTRICTED, ids=_name)
def test_restricted_executor_withstands_every_probe(restricted: RestrictedSandbox, probe: Probe) -> None:
    finding = run_probe(restricted, probe)
    assert finding.passed, finding.seen


@pytest.mark.parametrize(
    "probe", [probe for probe in SYSCALLS if probe.name != "int-0x80-is-refused"], ids=_name
)
def test_kernel_layer_of_the_restricted_executor_withstands_syscall_probes_alone(
    kernel_layer: RestrictedSandbox, probe: Probe
) -> None:
    finding = run_probe(kernel_layer, probe)
    assert finding.passed, finding.seen


@pytest.mark.parametrize(
    "probe", [probe for probe in SYSCALLS if probe.name not in REFUSED_WITHOUT_FILTER], ids=_name
)
def test_syscall_probe_fails_in_a_jail_without_a_filter(unfiltered: NsjailSandbox, probe: Probe) -> None:
    assert not run_probe(unfiltered, probe).passed


@pytest.mark.parametrize("probe", ESCAPES, ids=_name)
def test_escape_succeeds_when_the_language_is_not_guarded(
    unguarded_jail: NsjailSandbox, probe: Probe
) -> None:
    outcome = unguarded_jail.run(probe.jobs[0])
    assert outcome.result, outcome.error
    assert outcome.result["reached"]


@pytest.mark.parametrize("probe", {probe.name: probe for probe in JAIL + RESTRICTED}.values(), ids=_name)
def test_probe_fails_in_a_sandbox_that_runs_nothing(probe: Probe) -> None:
    assert not run_probe(StubSandbox(), probe).passed


def test_catalogue_has_60_probes_with_unique_names() -> None:
    names = [probe.name for probe in catalogue.probes(SandboxKind.NSJAIL, "x86_64")]
    assert len(set(names)) == len(names) >= 60
    assert len(catalogue.probes(SandboxKind.NSJAIL, "aarch64")) >= 60


def test_table_shows_misses_and_returns_1() -> None:
    out = io.StringIO()
    assert table.run(StubSandbox(), JAIL[:3], out) == 1
    *rows, last = out.getvalue().splitlines()
    assert last == "3 probes, 3 missed"
    assert sum("MISS" in row for row in rows) == 3


def test_probe_fails_when_the_sandbox_fails() -> None:
    finding = run_probe(StubSandbox(SandboxFailure("gone")), JAIL[0])
    assert (finding.passed, finding.seen) == (False, "the sandbox failed: gone")


def test_startup_check_passes_working_sandboxes(
    sandbox: NsjailSandbox, restricted: RestrictedSandbox
) -> None:
    verify(sandbox)
    verify(restricted)


def test_startup_check_fails_in_a_sandbox_without_defence(unfiltered: NsjailSandbox) -> None:
    with pytest.raises(SandboxFailure, match="ordinary-job-succeeds"):
        verify(StubSandbox())
    with pytest.raises(SandboxFailure, match="socket-families-except-unix-are-refused"):
        verify(unfiltered)


def _command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sandbox", "selftest", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


def test_command_prints_the_table(nsjail: None) -> None:
    ran = _command("--sandbox", "nsjail", "--only", "syscalls", "basics", "disk", "output")
    assert ran.returncode == 0
    assert [line for line in ran.stderr.splitlines() if not line.startswith("cgroup v2: ")] == []
    first, head, *rows, last = ran.stdout.splitlines()
    assert first.startswith("nsjail: ")
    assert head.split()[:5] == ["area", "name", "tried", "expected", "seen"]
    assert last == f"{len(rows)} probes, 0 missed"
    assert len(rows) >= 60
    assert all(re.search(r" ok +\d+\.\d\d s$", row) for row in rows)


def test_command_exits_2_when_no_sandbox_works() -> None:
    ran = _command("--sandbox", "nsjail", "--nsjail", "/nowhere/nsjail")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "/nowhere/nsjail" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_command_exits_2_when_a_probe_is_unknown() -> None:
    ran = _command("--sandbox", "restricted", "--only", "no-such-probe")
    assert ran.returncode == 2
    assert "no-such-probe" in ran.stderr


def test_command_names_the_environments_when_it_has_no_such_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ENVIRONMENTS", str(tmp_path))
    ran = _command("--environment", "away")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == "python -m sandbox: there is no environment away; there are: stdlib\n"
