"""Which submissions are let in."""

from dataclasses import dataclass
from typing import Self

from config.settings import Settings


@dataclass(frozen=True, slots=True)
class Admission:
    """The bounds of the queue.

    queue_ttl: seconds a job may wait.
    queue_max: the most jobs that may wait.
    key_queued_max: the most of one owner that may wait.
    key_rate: jobs an owner may submit in a second, 0 for any number.
    """

    queue_ttl: int = 86400
    queue_max: int = 10_000
    key_queued_max: int = 1000
    key_rate: float = 0.0

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return what the settings say."""
        return cls(settings.queue_ttl, settings.queue_max, settings.key_queued_max, settings.key_rate)
