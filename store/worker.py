"""The registration of a worker in the store."""

from dataclasses import dataclass
from typing import Final

from jobs.environment import STDLIB

#: Seconds between two registrations of a worker, and seconds after which a registration lapses.
REGISTER_EVERY: Final = 2.0
REGISTRATION_TTL: Final = 10


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker that passed its self-test and consumes.

    Attributes:
        id: The unique name of the worker.
        sandbox: The kind of sandbox that runs its jobs.
        detail: A description of the isolation of its jobs.
        environments: The names of its environments.
    """

    id: str
    sandbox: str
    detail: str
    environments: tuple[str, ...] = (STDLIB,)
