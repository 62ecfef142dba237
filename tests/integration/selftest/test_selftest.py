"""The self-test: every probe on live sandboxes, proof that probes can fail, and the command."""

import io
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from jobs.outcome import SandboxKind
from sandbox.errors import SandboxFailure
from sandbox.isolation import Isolation
from sandbox.jail.sandbox import NsjailSandbox
from sandbox.restricted.sandbox import RestrictedSandbox
from selftest import catalogue, table
from selftest.examine import examine
from selftest.probe import Probe
from selftest.quick import check
from tests.support.checkout import ROOT
from tests.support.idle import IdleSandbox
from tests.support.jail import nsjail_sandbox

CONFIG = ROOT / "config"

JAIL = catalogue.probes(SandboxKind.NSJAIL)
RESTRICTED = catalogue.probes(SandboxKind.RESTRICTED)
KERNEL = [probe for probe in JAIL if probe.area == "kernel"]
ESCAPES = [probe for probe in RESTRICTED if probe.area == "escapes"]

#: Probes of calls that the kernel itself refuses to whom has no capability, or has not at all.
REFUSED_ANYWAY = {
    "clone3-is-unknown",
    "no-32-bit-door",
    "no-name-to-give",
    "no-new-namespace-of-any-kind",
    "no-x32-door",
}


def _name(probe: Probe) -> str:
    return probe.name


@pytest.fixture(scope="module")
def unfiltered(nsjail: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NsjailSandbox]:
    """A jail whose filter lets everything pass."""
    policies = tmp_path_factory.mktemp("policies")
    for policy in (*CONFIG.glob("nsjail.cfg"), *CONFIG.glob("*.kafel")):
        shutil.copy(policy, policies)
    (policies / "seccomp-fresh.kafel").write_text("USE jail DEFAULT ALLOW")
    with nsjail_sandbox(Isolation.FRESH) as sandbox:
        factory = sandbox._pool._factory
        factory._config = replace(factory._config, policies=policies)
        # What has been started has the filter it should have.
        sandbox.close()
        yield sandbox


@pytest.fixture(scope="module")
def slot(nsjail: None) -> Iterator[NsjailSandbox]:
    """A jail whose interpreter has imported what a restricted one has, too, and an escape goes by."""
    with nsjail_sandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def unguarded() -> Iterator[RestrictedSandbox]:
    """The restricted executor's kernel layer by itself."""
    with closing(RestrictedSandbox(language=False)) as sandbox:
        yield sandbox


@pytest.mark.parametrize("probe", JAIL, ids=_name)
def test_the_jail_holds(sandbox: NsjailSandbox, probe: Probe) -> None:
    finding = examine(sandbox, probe)
    assert finding.held, finding.seen


@pytest.mark.parametrize("probe", RESTRICTED, ids=_name)
def test_the_restricted_executor_holds(restricted: RestrictedSandbox, probe: Probe) -> None:
    finding = examine(restricted, probe)
    assert finding.held, finding.seen


@pytest.mark.parametrize("probe", [probe for probe in KERNEL if probe.name != "no-32-bit-door"], ids=_name)
def test_the_restricted_executors_kernel_layer_holds_alone(
    unguarded: RestrictedSandbox, probe: Probe
) -> None:
    finding = examine(unguarded, probe)
    assert finding.held, finding.seen


@pytest.mark.parametrize("probe", [probe for probe in KERNEL if probe.name not in REFUSED_ANYWAY], ids=_name)
def test_a_probe_of_system_calls_misses_a_jail_without_a_filter(
    unfiltered: NsjailSandbox, probe: Probe
) -> None:
    assert not examine(unfiltered, probe).held


@pytest.mark.parametrize("probe", ESCAPES, ids=_name)
def test_an_escape_gets_out_where_nothing_is_guarded(slot: NsjailSandbox, probe: Probe) -> None:
    outcome = slot.run(probe.jobs[0])
    assert outcome.result, outcome.error
    assert outcome.result["reached"]


@pytest.mark.parametrize("probe", {probe.name: probe for probe in JAIL + RESTRICTED}.values(), ids=_name)
def test_no_probe_is_content_with_a_sandbox_that_runs_nothing(probe: Probe) -> None:
    assert not examine(IdleSandbox(), probe).held


def test_names_are_unique_and_there_are_enough() -> None:
    names = [probe.name for probe in catalogue.probes(SandboxKind.NSJAIL, "x86_64")]
    assert len(set(names)) == len(names) >= 60
    assert len(catalogue.probes(SandboxKind.NSJAIL, "aarch64")) >= 60


def test_a_miss_is_in_the_table_and_in_the_exit_status() -> None:
    out = io.StringIO()
    assert table.run(IdleSandbox(), JAIL[:3], out) == 1
    *rows, last = out.getvalue().splitlines()
    assert last == "3 probes, 3 missed"
    assert sum("MISS" in row for row in rows) == 3


def test_a_failing_sandbox_is_a_miss() -> None:
    finding = examine(IdleSandbox(SandboxFailure("gone")), JAIL[0])
    assert (finding.held, finding.seen) == (False, "the sandbox failed: gone")


def test_the_quick_check_passes_a_sandbox_that_holds(
    sandbox: NsjailSandbox, restricted: RestrictedSandbox
) -> None:
    check(sandbox)
    check(restricted)


def test_the_quick_check_refuses_a_sandbox_that_does_not_hold(unfiltered: NsjailSandbox) -> None:
    with pytest.raises(SandboxFailure, match="came out wrong"):
        check(IdleSandbox())
    with pytest.raises(SandboxFailure, match="no-family-and-no-type-is-forgotten"):
        check(unfiltered)


def _command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sandbox", "selftest", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


def test_the_command_prints_the_table(nsjail: None) -> None:
    done = _command("--sandbox", "nsjail", "--only", "kernel", "basics", "disk", "output")
    assert (done.returncode, done.stderr) == (0, "")
    first, head, *rows, last = done.stdout.splitlines()
    assert first.startswith("nsjail: ")
    assert head.split()[:5] == ["area", "name", "tried", "expected", "seen"]
    assert last == f"{len(rows)} probes, 0 missed"
    assert len(rows) >= 60
    assert all(re.search(r" ok +\d+\.\d\d s$", row) for row in rows)


def test_the_command_says_why_it_has_no_sandbox() -> None:
    done = _command("--sandbox", "nsjail", "--nsjail", "/nowhere/nsjail")
    assert (done.returncode, done.stdout) == (2, "")
    assert "/nowhere/nsjail" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_command_names_an_unknown_probe() -> None:
    done = _command("--sandbox", "restricted", "--only", "no-such-probe")
    assert done.returncode == 2
    assert "no-such-probe" in done.stderr
