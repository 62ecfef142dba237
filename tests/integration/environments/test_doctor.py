"""What the doctor finds about environments."""

import os

import pytest

from config.settings import Settings
from doctor.checks import environments
from doctor.finding import Finding, Status
from tests.support.wheels import Workbench, write_wheel


def _finding(bench: Workbench) -> Finding:
    (finding,) = environments.examine(Settings(environments=bench.environments))
    return finding


def test_doctor_says_that_there_is_no_environment(bench: Workbench) -> None:
    found = f"none in {bench.environments}: scripts have the standard library alone"
    assert _finding(bench) == Finding.ok("environments", found)


def test_doctor_lists_the_environments(bench: Workbench) -> None:
    bench.build(write_wheel(bench.wheels, "one"), write_wheel(bench.wheels, "two"))
    bench.build(write_wheel(bench.wheels, "one"), name="other")
    found = f"data with 2 packages, other with 1 packages, in {bench.environments}"
    assert _finding(bench) == Finding.ok("environments", found)


def test_doctor_names_another_folder_when_the_users_of_jails_cannot_enter_it(bench: Workbench) -> None:
    if os.geteuid() != 0:
        pytest.skip("only the jails of root run as other users")
    bench.build(write_wheel(bench.wheels))
    bench.environments.chmod(0o700)
    finding = _finding(bench)
    assert finding.status == Status.FAILED
    assert finding.mend == "export ENVIRONMENTS=/var/lib/python-executor/environments  # and build there"
    ran = bench.run("check", "data")
    assert ran.returncode == 1
    assert "keeps other users out" in ran.stderr


def test_doctor_names_a_broken_environment_and_how_to_mend_it(bench: Workbench) -> None:
    packages = bench.build(write_wheel(bench.wheels))
    packages.parent.chmod(0o755)
    (packages.parent / "manifest.json").unlink()
    finding = _finding(bench)
    assert finding.status == Status.FAILED
    assert finding.found.startswith("not offered: data: ")
    assert finding.mend == "python-executor environment build data LOCK  # or environment remove data"
