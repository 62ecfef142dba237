"""The state of Redis after every job has ended."""

from dataclasses import dataclass
from typing import Self

from redis import Redis

from store import keys


@dataclass(frozen=True, slots=True)
class FinalState:
    """The state of the job store after a trial.

    Attributes:
        attempts: How often each job was run, by job id.
        counters: The counters of the service.
        leftovers: The keys that are left although only waiting or running jobs need them.
    """

    attempts: dict[str, int]
    counters: dict[str, int]
    leftovers: list[str]

    @classmethod
    def read(cls, redis: "Redis") -> Self:
        """Read the state from Redis."""
        ids = [str(name).removeprefix(keys.JOB) for name in redis.scan_iter(f"{keys.JOB}*", count=1000)]
        attempts = {job_id: int(redis.hget(keys.job(job_id), "attempts") or 0) for job_id in ids}
        counters = {str(name): int(value) for name, value in redis.hgetall(keys.COUNTERS).items()}
        waiting = [f"the waiters of {job_id}" for job_id in ids if redis.hexists(keys.job(job_id), "waiters")]
        queues = (keys.of_owner("*", "queue*"), keys.of_owner("*", "running"), keys.rotation("*"))
        for pattern in queues:
            waiting += [str(name) for name in redis.scan_iter(pattern, count=1000)]
        single = (keys.QUEUED, keys.QUEUED_ENVIRONMENTS, keys.RUNNING, keys.CAPPED)
        indexes = [str(name) for name in single if redis.exists(name)]
        return cls(attempts, counters, indexes + waiting)

    @property
    def submitted(self) -> int:
        """The number of accepted jobs that the service counted."""
        return self._sum("submitted:")

    @property
    def finished(self) -> int:
        """The number of ended jobs that the service counted."""
        return self._sum("finished:")

    def _sum(self, prefix: str) -> int:
        return sum(number for name, number in self.counters.items() if name.startswith(prefix))
