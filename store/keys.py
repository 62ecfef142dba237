"""The names of our Redis keys."""

from config.names import PREFIX, QUEUE

#: The workers present (a sorted set, by the time each counts as gone).
WORKERS = f"{PREFIX}workers"

#: Celery's own list of messages, hints that there is a job to run.
HINTS = f"{PREFIX}{QUEUE}"

#: Ids of the jobs that wait, by their deadline in the queue (a sorted set; ms).
QUEUED = f"{PREFIX}queued"

#: Ids of the jobs that run, by the end of their lease (a sorted set; ms).
RUNNING = f"{PREFIX}running"

#: Final jobs, each "id owner", by the time their record expires (a sorted set; ms).
KEPT = f"{PREFIX}kept"

#: How often each thing has happened since Redis was empty (a hash).
COUNTERS = f"{PREFIX}counters"

#: The number of the latest submission; a listing is sorted by it (a number).
SEQUENCE = f"{PREFIX}sequence"

#: How many interactive jobs have gone before others that waited, by priority (a hash).
TURNS = f"{PREFIX}turns"

#: Held by the worker that reconciles, for a moment (text).
RECONCILER = f"{PREFIX}reconciler"

#: What comes before an id in the keys below, and before a name in those of lanes and owners.
JOB = f"{PREFIX}job:"
WAITERS = f"{PREFIX}waiters:"
LANE = f"{PREFIX}lane:"
OWNER = f"{PREFIX}owner:"

#: Seconds a wish to be woken is remembered, and a wake-up waits on a reply list: a waiter that is gone
#: must not leave keys behind.
WAITERS_TTL = 24 * 3600
REPLY_TTL = 60


def job(job_id: str) -> str:
    """Return the key of a job's record (a hash)."""
    return f"{JOB}{job_id}"


def waiters(job_id: str) -> str:
    """Return the key of the reply lists to wake when a job is final (a set)."""
    return f"{WAITERS}{job_id}"


def waiting(lane: str, owner: str) -> str:
    """Return the key of the ids of an owner that wait in a lane (a list, the next one first)."""
    return f"{LANE}{lane}:of:{owner}"


def rotation(lane: str) -> str:
    """Return the key of the owners with something waiting in a lane (a list, the next one first)."""
    return f"{LANE}{lane}:owners"


def held(lane: str) -> str:
    """Return the key of the owners out of a lane's rotation, as many jobs of theirs run as may (a set)."""
    return f"{LANE}{lane}:held"


def owned(owner: str, what: str) -> str:
    """Return the key of an owner's `jobs` (a sorted set), `queued`, `running` (sets) or `rate` (a hash)."""
    return f"{OWNER}{owner}:{what}"


def reply(waiter_id: str) -> str:
    """Return the key of a waiter's list, on which its wake-up arrives: see `wake`."""
    return f"{PREFIX}reply:{waiter_id}"


def off(worker_id: str) -> str:
    """Return the key of the list that calls the waits of a worker's processes off."""
    return f"{PREFIX}off:{worker_id}"


def idempotency(owner: str, key_digest: str) -> str:
    """Return the key that remembers which jobs an owner's `Idempotency-Key` made (a hash)."""
    return f"{PREFIX}idempotency:{key_digest}:{owner}"
