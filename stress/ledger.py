"""The ledger: what Redis holds once every job has ended, held against what the clients were told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from redis import Redis

from jobs.system_outcomes import ATTEMPTS
from store import keys
from stress.client import Report
from stress.kills import Kill


@dataclass(frozen=True, slots=True)
class Ledger:
    """attempts: how often each job was run. counters: what the service counted. left: names of what waits."""

    attempts: dict[str, int]
    counters: dict[str, int]
    left: list[str]

    @classmethod
    def read(cls, redis: "Redis") -> Self:
        """Read it from Redis."""
        ids = [str(name).removeprefix(keys.JOB) for name in redis.scan_iter(f"{keys.JOB}*", count=1000)]
        attempts = {job_id: int(redis.hget(keys.job(job_id), "attempts") or 0) for job_id in ids}
        counters = {str(name): int(value) for name, value in redis.hgetall(keys.COUNTERS).items()}
        waiting = [str(name) for name in redis.scan_iter(f"{keys.QUEUE}*", count=1000)]
        waiting += [str(name) for name in redis.scan_iter(f"{keys.WAITERS}*", count=1000)]
        left = [str(name) for name in (keys.QUEUED, keys.RUNNING) if redis.exists(name)]
        return cls(attempts, counters, left + waiting)

    @property
    def finished(self) -> int:
        """How many ends of jobs were counted."""
        return sum(number for name, number in self.counters.items() if name.startswith("finished:"))


def faults(reports: Sequence[Report], ledger: Ledger, kills: Sequence[Kill]) -> Iterator[str]:
    """Say of each job that is lost, doubled, stuck or wrong that it is."""
    for report in reports:
        number = report.task.number
        if report.fault:
            yield report.fault
        elif not report.ids:
            yield f"job {number} was never accepted"
        elif len(report.ids) > 1:
            yield f"job {number} was doubled: {', '.join(sorted(report.ids))}"
        elif not report.ended:
            assert report.job
            yield f"job {number} ({report.job['id']}) is stuck: {report.job['status']}"
        else:
            assert report.job
            wrong = report.task.wrong(report.job)
            if wrong and not given_up(report, ledger, kills):
                yield f"job {number} ({report.job['id']}) ended wrong: {wrong}"
    accepted = {job_id for report in reports for job_id in report.ids}
    if unknown := set(ledger.attempts) - accepted:
        yield f"{len(unknown)} jobs no client knows of: {', '.join(sorted(unknown)[:5])}"
    if lost := accepted - set(ledger.attempts):
        yield f"{len(lost)} jobs were accepted and are gone: {', '.join(sorted(lost)[:5])}"
    for what, counted in (("submitted", ledger.counters.get("submitted", 0)), ("finished", ledger.finished)):
        if counted != len(accepted):
            yield f"{len(accepted)} jobs were accepted, {counted} {what}"
    if ledger.left:
        yield f"every job has ended, and these are left: {', '.join(ledger.left)}"


def given_up(report: Report, ledger: Ledger, kills: Sequence[Kill]) -> bool:
    """Say whether the job rightly was not tried again: as many kills met it as it has attempts."""
    if report.job is None or (report.job["error"] or {}).get("type") != "sandbox_failure":
        return False
    job_id = report.job["id"]
    met = sum(job_id in kill.running and kill.victim != "api" for kill in kills)
    return met >= ATTEMPTS and ledger.attempts.get(job_id) == ATTEMPTS
