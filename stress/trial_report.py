"""The report of a chaos trial: the kills, the outcomes of the jobs, and the faults."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from harness.table import format_table
from stress.client import Call, TaskResult
from stress.faults import failed_by_kills, find_faults
from stress.final_state import FinalState
from stress.kills import Kill, Recovery, find_recoveries

#: Seconds within which a job must run again after its worker was killed: the lease of 3 s, up to 1 s until a
#: worker reconciles, and the end of a job that occupies the slot. Later kills can extend this time.
_RERUN_WITHIN: Final = 8.0

#: Seconds by which a call may be over its bound, because the machine is busy.
_MOST_OVERSHOOT: Final = 0.5

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
        calls: The calls of the client.
        began_at: The time of day at which the trial began.
    """

    results: Sequence[TaskResult]
    state: FinalState
    kills: Sequence[Kill]
    calls: Sequence[Call]
    began_at: float

    def faults(self) -> Iterator[str]:
        """Describe each fault in one line."""
        yield from find_faults(self.results, self.state, self.kills)
        if self.overshoot > _MOST_OVERSHOOT:
            yield f"a call of the client took {self.overshoot:.1f} s longer than its bound"
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
        statuses = Counter(str(result.execution.status) for result in results if result.execution)
        errors = Counter(call.error for call in self.calls if call.error)
        failed = sum(failed_by_kills(result, self.state, self.kills) for result in results)
        attempts = sorted(Counter(self.state.attempts.values()).items())
        return "\n".join(
            [
                format_table(_HEAD, rows),
                f"kills     {_format_counts(Counter(kill.victim for kill in self.kills))}",
                f"jobs      {len(results)}: {_format_counts(statuses)}, failed by kills {failed}",
                f"calls     {len(self.calls)}, raised {_format_counts(errors)},"
                f" longest overshoot {self.overshoot:+.2f} s",
                f"attempts  {', '.join(f'{jobs} jobs {times}×' for times, jobs in attempts)}",
                f"counters  submitted {self.state.submitted},"
                f" {_format_counts({name: counters.get(name, 0) for name in _COUNTERS})},"
                f" finished {self.state.finished}",
            ]
        )

    @cached_property
    def recoveries(self) -> list[Recovery]:
        """The recovery of the service from each kill."""
        executions = [result.execution for result in self.results if result.ended and result.execution]
        answers = [(call.began, call.ended) for call in self.calls if not call.error]
        return find_recoveries(self.kills, executions, self.state.attempts, answers)

    @property
    def overshoot(self) -> float:
        """Seconds by which the longest call was over its bound; negative if none was."""
        return max((call.overshoot for call in self.calls), default=0.0)


def _format_counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "none"
