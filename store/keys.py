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

#: Final jobs, each "id bytes owner", by the time at which their record expires (a sorted set; ms).
FINAL: Final = f"{PREFIX}final"

#: The owners with queued jobs, the next one first (a list).
ROTATION: Final = f"{PREFIX}rotation"

#: The owners with queued jobs that have reached a maximum (a set).
CAPPED: Final = f"{PREFIX}capped"

#: Counts of events since the database was empty (a hash).
COUNTERS: Final = f"{PREFIX}counters"

#: The number of the latest submission. Listings are sorted by it (a number).
SEQUENCE: Final = f"{PREFIX}sequence"

#: The lock of the worker that reconciles (text).
RECONCILER: Final = f"{PREFIX}reconciler"

#: The prefixes of a job's record, of its waiters and of an owner's keys.
JOB: Final = f"{PREFIX}job:"
WAITERS: Final = f"{PREFIX}waiters:"
OWNER: Final = f"{PREFIX}owner:"

#: Seconds after which Redis deletes the waiters of a job, even if the job never ends.
WAITERS_TTL: Final = 24 * 3600


def job(job_id: str) -> str:
    """Return the key of a job's record (a hash)."""
    return f"{JOB}{job_id}"


def waiters(job_id: str) -> str:
    """Return the key of the reply channels that get a wake-up when the job is final (a set)."""
    return f"{WAITERS}{job_id}"


def of_owner(owner: str, what: str) -> str:
    """Return one of an owner's keys.

    Args:
        owner: The owner.
        what: `jobs` or `queued` (ids by submission number; sorted sets), `queue` (queued ids by turn; a
            sorted set), `running` (a set), `bytes` (what its jobs take; a hash) or `rate` (a hash).
    """
    return f"{OWNER}{owner}:{what}"


def reply(listener_id: str) -> str:
    """Return the channel of a listener's wake-ups."""
    return f"{PREFIX}reply:{listener_id}"


def interrupts(worker_id: str) -> str:
    """Return the key of the list that ends the waits of a worker's processes."""
    return f"{PREFIX}interrupts:{worker_id}"


def idempotency(owner: str, key_digest: str) -> str:
    """Return the key that remembers which jobs an owner's `Idempotency-Key` created (a hash).

    It expires together with the last of their records.
    """
    return f"{PREFIX}idempotency:{key_digest}:{owner}"
