"""The report of a chaos trial: the kills, the outcomes of the jobs, and the faults."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from harness.table import format_table
from stress.client import TaskResult
from stress.faults import failed_by_kills, find_faults
from stress.final_state import FinalState
from stress.kills import Kill, Recovery, find_recoveries

#: Seconds within which a job must run again after its worker was killed: the lease of 3 s, up to 1 s until a
#: worker reconciles, and the end of a job that occupies the slot. Later kills can extend this time.
_RERUN_WITHIN: Final = 8.0

_HEAD: Final = (
    "kill", "at s", "victim", "dead s", "next end s", "next answer s", "interrupted", "ran again s"
)  # fmt: skip
_COUNTERS: Final = ("attempts", "requeued", "released")


@dataclass(frozen=True)
class TrialReport:
    """The observations of a trial.

    Attributes:
        results: The outcome of each task.
        state: The state of Redis at the end.
        kills: The kills in order.
        answers: When each answered request was sent, and when it was answered.
        began_at: The time of day at which the trial began.
    """

    results: Sequence[TaskResult]
    state: FinalState
    kills: Sequence[Kill]
    answers: Sequence[tuple[float, float]]
    began_at: float

    def faults(self) -> Iterator[str]:
        """Describe each fault in one line."""
        yield from find_faults(self.results, self.state, self.kills)
        for number, (kill, recovery) in enumerate(zip(self.kills, self.recoveries, strict=True), start=1):
            undisturbed = all(later.at > kill.at + _RERUN_WITHIN for later in self.kills[number:])
            if undisturbed and recovery.rerun is not None and recovery.rerun > _RERUN_WITHIN:
                yield f"kill {number}: a job ran again only {recovery.rerun:.1f} s after it"

    def format_text(self) -> str:
        """Return the table of kills and the counts of jobs."""
        rows = [
            (n, f"{k.at - self.began_at:.1f}", k.victim, k.dead, r.ended, r.answered, r.interrupted, r.rerun)
            for n, (k, r) in enumerate(zip(self.kills, self.recoveries, strict=True), start=1)
        ]
        results, counters = self.results, self.state.counters
        statuses = Counter(result.job["status"] for result in results if result.job)
        failed = sum(failed_by_kills(result, self.state, self.kills) for result in results)
        attempts = sorted(Counter(self.state.attempts.values()).items())
        return "\n".join(
            [
                format_table(_HEAD, rows),
                f"kills     {_format_counts(Counter(kill.victim for kill in self.kills))}",
                f"jobs      {len(results)}: {_format_counts(statuses)}, failed by kills {failed}",
                f"retries   {_format_counts(sum((result.retries for result in results), Counter()))}",
                f"attempts  {', '.join(f'{jobs} jobs {times}×' for times, jobs in attempts)}",
                f"counters  submitted {self.state.submitted},"
                f" {_format_counts({name: counters.get(name, 0) for name in _COUNTERS})},"
                f" finished {self.state.finished}",
            ]
        )

    @cached_property
    def recoveries(self) -> list[Recovery]:
        """The recovery of the service from each kill."""
        jobs = [result.job for result in self.results if result.ended and result.job]
        return find_recoveries(self.kills, jobs, self.state.attempts, self.answers)


def _format_counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "none"
