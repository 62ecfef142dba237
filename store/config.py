"""The bounds of the job store."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from config.settings import Settings
from jobs.limits import MB
from jobs.system_outcomes import ATTEMPTS


@dataclass(frozen=True, slots=True)
class StoreConfig:
    """The bounds of the job store, the same in every process of the service.

    Attributes:
        queue_ttl: Seconds a job may be queued.
        queue_max: Maximum number of queued jobs.
        key_queued_max: Maximum number of queued jobs of one owner.
        key_running_max: Maximum number of jobs of one owner that run at once, 0 for no maximum.
        key_bytes_max: Maximum bytes of the jobs of one owner, with their outcomes, 0 for no maximum. Beyond
            it no job is accepted. While its final jobs alone take as many, none of its queued jobs starts.
        key_rate: Jobs an owner may submit per second, 0 for no maximum.
        result_ttl: Seconds that the record of a final job is kept.
        lease: Seconds that a claim lasts without renewal.
        renew_every: Seconds between two renewals of a lease.
        attempts: Maximum number of attempts to run a job.
        reconcile_every: Seconds between two reconciliations by any worker, 0 for no lower bound.
        page_bytes: Maximum bytes of outcomes on a page of a listing. A page always has at least one job.
    """

    queue_ttl: int = 86400
    queue_max: int = 10_000
    key_queued_max: int = 1000
    key_running_max: int = 0
    key_bytes_max: int = 128 * MB
    key_rate: float = 0.0
    result_ttl: int = 3600
    lease: float = 3.0
    renew_every: float = 0.5
    attempts: int = ATTEMPTS
    reconcile_every: float = 1.0
    page_bytes: int = 4 * MB

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """Make the bounds from the operator's settings."""
        return cls(
            queue_ttl=settings.queue_ttl,
            queue_max=settings.queue_max,
            key_queued_max=settings.key_queued_max,
            key_running_max=settings.key_running_max,
            key_bytes_max=settings.key_bytes_max,
            key_rate=settings.key_rate,
            result_ttl=settings.result_ttl,
        )

    @property
    def maximums(self) -> Mapping[str, Any]:
        """The arguments of is_at_maximum() in store/lua/steps/owner.lua."""
        return {"running_max": self.key_running_max, "key_bytes_max": self.key_bytes_max}
