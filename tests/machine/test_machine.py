"""The sandbox on a host with cgroup version 2 and systemd, from login sessions of root and of an ordinary user."""

import pytest

from tests.support.machine.run import Report

# The first test waits for the image and for all checks.
pytestmark = [pytest.mark.machine, pytest.mark.timeout(3000)]

USERS = ("root", "dev")


def _assert_passed(report: Report, name: str, capsys: pytest.CaptureFixture[str]) -> str:
    result = report.result(name)
    with capsys.disabled():
        print(f"\n{report.emulator}: {name}: {result.seconds:g} s")
    assert result.passed, result.output
    return result.output


def test_machine_has_every_controller_of_cgroup_version_2(
    report: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    output = _assert_passed(report, "host", capsys)
    assert {"cpu", "memory", "pids"} <= set(output.split())


@pytest.mark.parametrize("user", USERS)
def test_run_makes_jails_when_it_starts_in_a_login_session(
    report: Report, user: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _assert_passed(report, f"service-{user}", capsys)


@pytest.mark.parametrize("user", USERS)
def test_self_test_passes_in_a_login_session(
    report: Report, user: str, capsys: pytest.CaptureFixture[str]
) -> None:
    output = _assert_passed(report, f"selftest-{user}", capsys)
    assert output.rstrip().endswith(" 0 missed")


def test_integration_tests_of_jails_pass(report: Report, capsys: pytest.CaptureFixture[str]) -> None:
    _assert_passed(report, "tests", capsys)


def test_nothing_is_left_after_all_checks(report: Report, capsys: pytest.CaptureFixture[str]) -> None:
    _assert_passed(report, "leftovers", capsys)
