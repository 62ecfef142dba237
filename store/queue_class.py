"""The queue classes: by priority, and by whether a client waits for the answer."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Priority(StrEnum):
    """How urgent a job is, the most urgent first."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class QueueClass:
    """The class of a queued job.

    Attributes:
        priority: How urgent the job is.
        interactive: Whether a client waits for the answer. Interactive jobs go before most other jobs of
            their priority.
    """

    priority: Priority = Priority.NORMAL
    interactive: bool = False

    @property
    def name(self) -> str:
        """The part of a Redis key that names the class."""
        return f"{self.priority}:{'execute' if self.interactive else 'jobs'}"


QUEUE_CLASSES: Final = tuple(
    QueueClass(priority, interactive) for priority in Priority for interactive in (True, False)
)
