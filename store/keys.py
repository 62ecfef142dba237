"""The names of the Redis keys."""

from typing import Final

from config.names import PREFIX
from config.names import QUEUE as CELERY_QUEUE

#: The registered workers: JSON texts by the time at which the registration lapses (a sorted set; seconds).
WORKERS: Final = f"{PREFIX}workers"

#: Celery's list of messages. Each message notifies a worker that a job can run.
NOTIFICATIONS: Final = f"{PREFIX}{CELERY_QUEUE}"

#: Ids of queued jobs by their deadline in the queue (a sorted set; ms).
QUEUED: Final = f"{PREFIX}queued"

#: Ids of running jobs by the end of their lease (a sorted set; ms).
RUNNING: Final = f"{PREFIX}running"

#: Final jobs, each "id owner", by the time at which their record expires (a sorted set; ms).
KEPT: Final = f"{PREFIX}kept"

#: Counts of events since the database was empty (a hash).
COUNTERS: Final = f"{PREFIX}counters"

#: The number of the latest submission. Listings are sorted by it (a number).
SEQUENCE: Final = f"{PREFIX}sequence"

#: By priority, the interactive jobs claimed in a row while other jobs were queued (a hash).
TURNS: Final = f"{PREFIX}turns"

#: The lock of the worker that reconciles (text).
RECONCILER: Final = f"{PREFIX}reconciler"

#: The prefixes of a job's record, of its waiters, of the queues and of an owner's keys.
JOB: Final = f"{PREFIX}job:"
WAITERS: Final = f"{PREFIX}waiters:"
QUEUE: Final = f"{PREFIX}queue:"
OWNER: Final = f"{PREFIX}owner:"

#: Seconds after which Redis deletes the waiters of a job, even if the job never ends.
WAITERS_TTL: Final = 24 * 3600

#: Seconds that Redis keeps an idempotency key.
IDEMPOTENCY_TTL: Final = 24 * 3600


def job(job_id: str) -> str:
    """Return the key of a job's record (a hash)."""
    return f"{JOB}{job_id}"


def waiters(job_id: str) -> str:
    """Return the key of the reply channels that get a wake-up when the job is final (a set)."""
    return f"{WAITERS}{job_id}"


def queue(queue_class: str, owner: str) -> str:
    """Return the key of an owner's queued jobs of a class (a list of ids, the next one first)."""
    return f"{QUEUE}{queue_class}:of:{owner}"


def rotation(queue_class: str) -> str:
    """Return the key of the owners with queued jobs of a class (a list, the next one first)."""
    return f"{QUEUE}{queue_class}:owners"


def capped(queue_class: str) -> str:
    """Return the key of the owners of a class that are at their maximum of running jobs (a set)."""
    return f"{QUEUE}{queue_class}:capped"


def of_owner(owner: str, what: str) -> str:
    """Return the key of an owner's `jobs` (a sorted set), `queued`, `running` (sets) or `rate` (a hash)."""
    return f"{OWNER}{owner}:{what}"


def reply(listener_id: str) -> str:
    """Return the channel of a listener's wake-ups."""
    return f"{PREFIX}reply:{listener_id}"


def interrupts(worker_id: str) -> str:
    """Return the key of the list that ends the waits of a worker's processes."""
    return f"{PREFIX}interrupts:{worker_id}"


def idempotency(owner: str, key_digest: str) -> str:
    """Return the key that remembers which jobs an owner's `Idempotency-Key` created (a hash)."""
    return f"{PREFIX}idempotency:{key_digest}:{owner}"
