"""The registration of a worker in the store."""

from dataclasses import dataclass
from typing import Final

from jobs.environment import STDLIB

#: Seconds between two registrations of a worker, and seconds after which a registration lapses.
REGISTER_EVERY: Final = 2.0
REGISTRATION_TTL: Final = 10

#: Seconds for which the store remembers workers that have vanished, and the most of them. A worker that stops
#: removes its registration, so the store forgets it at once: only a worker that was lost is worth a look.
GONE_SECONDS: Final = 3600
GONE_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker that passed its self-test and consumes.

    Version 0.2.0 registers without the fields that can be None.

    Attributes:
        id: The unique name of the worker.
        sandbox: The kind of sandbox that runs its jobs.
        detail: A description of the isolation of its jobs.
        environments: The names of its environments.
        version: The version of the service that it runs.
        python: The version of its interpreter.
        jobs_at_once: How many jobs it runs at once.
        started_ms: When it started, in milliseconds since the epoch, by its own clock.
    """

    id: str
    sandbox: str
    detail: str
    environments: tuple[str, ...] = (STDLIB,)
    version: str | None = None
    python: str | None = None
    jobs_at_once: int | None = None
    started_ms: int | None = None


@dataclass(frozen=True, slots=True)
class SeenWorker:
    """A worker, and when it registered last.

    Attributes:
        worker: The worker.
        seen_s: When it registered last, in seconds since the epoch, by the clock of Redis.
        gone: Whether its registration has lapsed: it was killed, it hangs, or it has no connection.
    """

    worker: Worker
    seen_s: int
    gone: bool
