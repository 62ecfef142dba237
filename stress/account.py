"""The account of a trial: what was killed, what became of the jobs, and what is wrong with it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from stress import ledger as books
from stress.client import Report
from stress.kills import Kill, Recovery, recoveries
from stress.ledger import Ledger
from stress.table import table

#: Seconds within which a job whose worker was killed must run again: its lease of 3, a second until somebody
#: looks, and the end of a job that has the place. Longer where another kill came in between.
_AGAIN_WITHIN: Final = 8.0

_HEAD: Final = (
    "kill", "at s", "victim", "dead s", "next end s", "next answer s", "interrupted", "ran again s"
)  # fmt: skip
_COUNTED: Final = ("submitted", "attempts", "requeued", "released")


@dataclass(frozen=True)
class Account:
    """What a trial has shown. answers: when requests were sent and answered. began_at: the time of day."""

    reports: Sequence[Report]
    ledger: Ledger
    kills: Sequence[Kill]
    answers: Sequence[tuple[float, float]]
    began_at: float

    def faults(self) -> Iterator[str]:
        """Say what is wrong, each fault in a line."""
        yield from books.faults(self.reports, self.ledger, self.kills)
        for number, (kill, recovery) in enumerate(zip(self.kills, self.recoveries, strict=True), start=1):
            quiet = all(later.at > kill.at + _AGAIN_WITHIN for later in self.kills[number:])
            if quiet and recovery.again is not None and recovery.again > _AGAIN_WITHIN:
                yield f"kill {number}: a job ran again only {recovery.again:.1f} s after it"

    def text(self) -> str:
        """Return the table of kills, and what became of the jobs."""
        rows = [
            (n, f"{k.at - self.began_at:.1f}", k.victim, k.dead, r.ended, r.answered, r.interrupted, r.again)
            for n, (k, r) in enumerate(zip(self.kills, self.recoveries, strict=True), start=1)
        ]
        reports, counters = self.reports, self.ledger.counters
        statuses = Counter(report.job["status"] for report in reports if report.job)
        given_up = sum(books.given_up(report, self.ledger, self.kills) for report in reports)
        attempts = sorted(Counter(self.ledger.attempts.values()).items())
        return "\n".join(
            [
                table(_HEAD, rows),
                f"kills     {_told(Counter(kill.victim for kill in self.kills))}",
                f"jobs      {len(reports)}: {_told(statuses)}, given up {given_up}",
                f"retries   {_told(sum((report.retries for report in reports), Counter()))}",
                f"attempts  {', '.join(f'{jobs} jobs {times}×' for times, jobs in attempts)}",
                f"counters  {_told({name: counters.get(name, 0) for name in _COUNTED})},"
                f" finished {self.ledger.finished}",
            ]
        )

    @cached_property
    def recoveries(self) -> list[Recovery]:
        """How soon the service had recovered from each kill."""
        jobs = [report.job for report in self.reports if report.ended and report.job]
        return recoveries(self.kills, jobs, self.ledger.attempts, self.answers)


def _told(numbers: dict[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in numbers.items()) or "none"
