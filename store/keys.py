"""The names of the Redis keys."""

from typing import Final

from config.names import PREFIX, queue_of
from config.names import QUEUE as CELERY_QUEUE
from jobs.environment import STDLIB

#: The registered workers: JSON texts by the time at which the registration lapses (a sorted set; seconds).
WORKERS: Final = f"{PREFIX}workers"

#: The workers that have vanished within the last hour: JSON texts by the time at which the registration
#: lapsed (a sorted set; seconds).
GONE_WORKERS: Final = f"{PREFIX}gone-workers"

#: The announced environments: JSON texts by the time at which the announcement lapses (a sorted set;
#: seconds).
ANNOUNCED: Final = f"{PREFIX}environments"

#: Celery's list of messages for the workers with `stdlib`. Each message notifies a worker that a job can run.
NOTIFICATIONS: Final = f"{PREFIX}{CELERY_QUEUE}"

#: Ids of queued jobs by their deadline in the queue (a sorted set; ms).
QUEUED: Final = f"{PREFIX}queued"

#: Ids of running jobs by the end of their lease (a sorted set; ms).
RUNNING: Final = f"{PREFIX}running"

#: Final jobs, each "id bytes owner", by the time at which their record expires (a sorted set; ms).
FINAL: Final = f"{PREFIX}final"

#: How many jobs are queued in each environment besides `stdlib` that has any (a hash).
QUEUED_ENVIRONMENTS: Final = f"{PREFIX}queued-environments"

#: The prefix of each environment's rotation: the owners with jobs queued there, by their turn (a sorted set).
ROTATION: Final = f"{PREFIX}rotation:"

#: The owners with queued jobs that have reached a maximum, by the turn that they had (a sorted set).
CAPPED: Final = f"{PREFIX}capped-owners"

#: The rotation (a list) and the capped owners (a set) of version 0.2.0.
EARLIER_ROTATION: Final = f"{PREFIX}rotation"
EARLIER_CAPPED: Final = f"{PREFIX}capped"

#: The prefix of the waiters of each job that version 0.2.0 queued (a set).
EARLIER_WAITERS: Final = f"{PREFIX}waiters:"

#: What version 0.2.0 calls an owner's queued jobs by submission number (a sorted set): see `of_owner`.
EARLIER_QUEUED: Final = "queued"

#: The same lock of version 0.2.0, whose workers see no job of a later version. They could be the first to
#: take a lock in common each time, and no later worker would be notified of a job that waits.
EARLIER_RECONCILER: Final = f"{PREFIX}reconciler"

#: Counts of events since the database was empty (a hash).
COUNTERS: Final = f"{PREFIX}counters"

#: Snapshots of the counts and of the queue, one of each minute of the last hour, the latest first (a list).
#: See store/history.py.
HISTORY: Final = f"{PREFIX}history"

#: The number of the latest submission or turn. Listings are sorted by it (a number).
SEQUENCE: Final = f"{PREFIX}sequence"

#: The lock of the worker that reconciles (text).
RECONCILER: Final = f"{PREFIX}reconciling"

#: The prefixes of a job's record, of its other keys and of an owner's keys.
JOB: Final = f"{PREFIX}job:"
FOLLOWERS: Final = f"{PREFIX}followers:"
EVENTS: Final = f"{PREFIX}events:"
FILES: Final = f"{PREFIX}files:"
ARTIFACTS: Final = f"{PREFIX}artifacts:"
OWNER: Final = f"{PREFIX}owner:"

#: Seconds after which Redis deletes the followers and the events of a job, even if the job never ends. Each
#: registration and each event begins them anew.
CHANNELS_TTL: Final = 24 * 3600


def job(job_id: str) -> str:
    """Return the key of a job's record (a hash)."""
    return f"{JOB}{job_id}"


def followers(job_id: str) -> str:
    """Return the key of the reply channels that are told of new output (a set)."""
    return f"{FOLLOWERS}{job_id}"


def events(job_id: str) -> str:
    """Return the key of the output of a running job (a stream).

    An entry has the fields `stream`, `offset` and `text`. Its id is the number of the run, then the bytes of
    both outputs up to its end.
    """
    return f"{EVENTS}{job_id}"


def files(job_id: str) -> str:
    """Return the key of the files of a job that is not final: contents by path (a hash)."""
    return f"{FILES}{job_id}"


def artifacts(job_id: str) -> str:
    """Return the key of the artifacts of a final job (a hash): contents by path.

    The SHA-256 of each is at its path with a slash in front, which no path begins with.
    """
    return f"{ARTIFACTS}{job_id}"


def rotation(environment: str) -> str:
    """Return the key of the rotation of an environment (a sorted set)."""
    return f"{ROTATION}{environment}"


def notifications(environment: str) -> str:
    """Return the key of Celery's list of messages for the workers with an environment (a list)."""
    return f"{PREFIX}{queue_of(environment)}"


def of_owner(owner: str, what: str, environment: str = STDLIB) -> str:
    """Return one of an owner's keys.

    Args:
        owner: The owner.
        what: `jobs` (ids by submission number; a sorted set), `running` (a set), `bytes` (what its jobs take;
            a hash) or `rate` (a hash). The owner '' has only `jobs` of these. Or `queue`: the jobs queued in
            an environment (ids by class, then submission number; a sorted set).
        environment: The environment of `queue`.
    """
    key = f"{OWNER}{owner}:{what}"
    return key if environment == STDLIB else f"{key}:{environment}"


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
