"""A worker as it registers in the store."""

from dataclasses import dataclass
from typing import Final

#: Seconds between two registrations of a worker, and seconds after which a registration lapses.
REGISTER_EVERY: Final = 2.0
REGISTRATION_TTL: Final = 10


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker that passed its self-test and consumes.

    Attributes:
        id: Its name, unique.
        sandbox: The kind of sandbox it runs jobs in.
        detail: The isolation that its jobs get, in words.
    """

    id: str
    sandbox: str
    detail: str
