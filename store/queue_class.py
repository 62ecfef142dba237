"""The lanes of the queue: which jobs wait side by side, and which go first."""

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
    """Where a job waits. interactive: someone waits for its answer, so it goes before those nobody awaits."""

    priority: Priority = Priority.NORMAL
    interactive: bool = False

    @property
    def name(self) -> str:
        """The lane's part of a Redis key."""
        return f"{self.priority}:{'execute' if self.interactive else 'jobs'}"


QUEUE_CLASSES: Final = tuple(
    QueueClass(priority, interactive) for priority in Priority for interactive in (True, False)
)
