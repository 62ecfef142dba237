"""The findings for people and as JSON."""

import io
import json

import pytest

from doctor import report
from doctor.finding import Finding

JAIL = Finding.ok("jail", "passed")
NO_JAIL = Finding.failed("jail", "refused", "docker run --privileged …")
RESTRICTED = Finding.ok("restricted-executor", "passed")
NO_RESTRICTED = Finding.failed("restricted-executor", "refused", "uname -r")
WARNING = Finding.warning("clock", "wrong", "timedatectl")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("findings", "status"),
    [
        ([JAIL, RESTRICTED], 0),
        ([JAIL, RESTRICTED, WARNING], 0),
        ([JAIL, RESTRICTED, Finding.failed("redis", "away", "redis-server")], 1),
        ([NO_JAIL, RESTRICTED], 1),
        ([Finding.warning("jail", "not tried", "env -u SANDBOX"), RESTRICTED], 1),
        ([NO_JAIL, NO_RESTRICTED], 1),
        ([], 1),
    ],
)
def test_exit_status_is_zero_only_where_a_jail_ran_and_nothing_failed(
    findings: list[Finding], status: int
) -> None:
    assert report.exit_status(findings) == status


@pytest.mark.parametrize(
    ("findings", "line"),
    [
        ([JAIL, RESTRICTED, WARNING], "Jails work here. 2 ok, 1 warning, 0 failed."),
        (
            [NO_JAIL, RESTRICTED],
            "NO JAIL RAN HERE: jobs would run in the restricted executor. 1 ok, 0 warnings, 1 failed.",
        ),
        (
            [NO_JAIL, NO_RESTRICTED],
            "NO SANDBOX WORKS HERE: no worker would start. 0 ok, 0 warnings, 2 failed.",
        ),
        ([NO_JAIL], "NO JAIL RAN HERE. 0 ok, 0 warnings, 1 failed."),
        ([WARNING], "No jail was tried. 0 ok, 1 warning, 0 failed."),
    ],
)
def test_table_ends_with_the_sandbox_and_the_counts(findings: list[Finding], line: str) -> None:
    out = io.StringIO()
    report.Table.on(out).end(findings)
    assert out.getvalue() == f"\n{line}\n"


def test_table_shows_a_finding_and_what_mends_it() -> None:
    out = io.StringIO()
    table = report.Table.on(out)
    for finding in (JAIL, WARNING):
        table.add(finding)
    assert out.getvalue() == (
        "ok       jail                  passed\n"
        "warning  clock                 wrong\n"
        "                               mend: timedatectl\n"
    )


def test_table_has_colours_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    terminal, pipe = Terminal(), io.StringIO()
    for out in (terminal, pipe):
        report.Table.on(out).add(JAIL)
    assert "\x1b[32mok" in terminal.getvalue()
    assert "\x1b" not in pipe.getvalue()


def test_table_has_no_colours_when_the_user_wants_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    terminal = Terminal()
    report.Table.on(terminal).add(JAIL)
    assert "\x1b" not in terminal.getvalue()


def test_table_shows_no_control_character_of_a_finding() -> None:
    out = io.StringIO()
    report.Table.on(out).add(Finding.failed("jail", "one\ntwo \x1b[2J", "mend\r\n"))
    assert out.getvalue() == (
        "failed   jail                  one two ?[2J\n                               mend: mend\n"
    )


def test_progress_is_shown_on_a_terminal_only() -> None:
    terminal, pipe = Terminal(), io.StringIO()
    for out in (terminal, pipe):
        progress = report.Progress(out)
        progress.show("jail")
        progress.hide()
    assert "checking jail …" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")
    assert pipe.getvalue() == ""


def test_json_has_the_sandbox_and_every_finding() -> None:
    assert json.loads(report.as_json([JAIL, WARNING])) == {
        "sandbox": "nsjail",
        "findings": [
            {"name": "jail", "status": "ok", "found": "passed", "mend": None},
            {"name": "clock", "status": "warning", "found": "wrong", "mend": "timedatectl"},
        ],
    }
