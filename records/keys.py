"""The names of our Redis keys."""

from config.names import PREFIX

WORKERS = f"{PREFIX}workers"


def job(job_id: str) -> str:
    """Return the key of a job's record (a hash)."""
    return f"{PREFIX}job:{job_id}"


def waiters(job_id: str) -> str:
    """Return the key of the reply lists to wake when a job is final (a set)."""
    return f"{PREFIX}waiters:{job_id}"


def reply(listener_id: str) -> str:
    """Return the key of a listener's list, on which ids of final jobs arrive."""
    return f"{PREFIX}reply:{listener_id}"


def idempotency(key_digest: str) -> str:
    """Return the key that remembers which job an `Idempotency-Key` made (a hash)."""
    return f"{PREFIX}idempotency:{key_digest}"
