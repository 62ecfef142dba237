"""One check: bound in time, and a fault of the check is a finding."""

import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from doctor import check
from doctor.check import Check
from doctor.finding import Finding, Status
from tests.support.wait import eventually

#: More than any test may take.
LONG = 600.0


def found(examine: Callable[[], Iterable[Finding]], *, seconds: float = LONG) -> list[Finding]:
    return list(check.run(Check("name", examine, seconds, unwind=0.5)))


def test_run_yields_the_findings_of_a_check() -> None:
    findings = [Finding.ok("a", "é\n"), Finding.warning("b", "found", "mend"), Finding.failed("c", "x", "y")]
    assert found(lambda: findings) == findings


def test_run_reports_a_check_that_raises_after_its_findings() -> None:
    def examine() -> Iterator[Finding]:
        yield Finding.ok("a", "fine")
        raise KeyError("lost")

    first, fault = found(examine)
    assert first == Finding.ok("a", "fine")
    assert (fault.name, fault.status, fault.found) == (
        "name",
        Status.FAILED,
        "the check failed: KeyError: 'lost'",
    )
    assert fault.mend


def test_run_reports_a_check_that_crashes() -> None:
    def examine() -> list[Finding]:
        os.kill(os.getpid(), signal.SIGKILL)
        return []

    (fault,) = found(examine)
    assert fault.found == "the check ended with SIGKILL"


def test_run_ends_a_check_at_its_time_and_keeps_its_findings() -> None:
    def examine() -> Iterator[Finding]:
        yield Finding.ok("a", "fine")
        signal.pause()

    first, fault = found(examine, seconds=0.5)
    assert first.name == "a"
    assert fault.found == "not finished after 0.5 seconds"


def test_run_lets_a_check_unwind_at_its_time(tmp_path: Path) -> None:
    def examine() -> Iterator[Finding]:
        file = tmp_path / "file"
        file.touch()
        try:
            signal.pause()
            yield Finding.ok("a", "fine")
        finally:
            file.unlink()

    found(examine, seconds=0.5)
    assert list(tmp_path.iterdir()) == []


def test_run_kills_a_check_that_does_not_unwind_with_its_children(tmp_path: Path) -> None:
    pids = tmp_path / "pids"

    def examine() -> list[Finding]:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        child = os.fork()
        if child:
            pids.write_text(f"{os.getpid()} {child}")
        while True:
            signal.pause()

    (fault,) = found(examine, seconds=0.5)
    assert fault.status is Status.FAILED
    for pid in pids.read_text().split():
        eventually(lambda: not _runs(int(pid)), within=10, what="the process is gone")  # noqa: B023


def _runs(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def test_run_ends_the_check_when_its_reader_stops(tmp_path: Path) -> None:
    def examine() -> Iterator[Finding]:
        try:
            yield Finding.ok("a", "fine")
            signal.pause()
        finally:
            (tmp_path / "unwound").touch()

    with closing(check.run(Check("name", examine, LONG))) as findings:
        assert next(findings).name == "a"
    assert (tmp_path / "unwound").exists()


def test_run_reads_no_more_than_a_bound_when_a_check_never_stops() -> None:
    def examine() -> Iterator[Finding]:
        while True:
            yield Finding.ok("a", "x" * 10_000)

    started = time.monotonic()
    assert len(found(examine)) < 200
    assert time.monotonic() - started < LONG


def test_run_reports_a_check_whose_findings_are_too_long() -> None:
    (fault,) = found(lambda: [Finding.failed("a", "x" * 2_000_000, "mend")])
    assert (fault.name, fault.status) == ("name", Status.FAILED)
    assert "more than 1000000 bytes" in fault.found


def test_run_shows_nothing_that_a_check_prints(capfd: pytest.CaptureFixture[str]) -> None:
    def examine() -> list[Finding]:
        os.write(1, b"noise")
        os.write(2, b"noise")
        return []

    assert found(examine) == []
    assert capfd.readouterr() == ("", "")
