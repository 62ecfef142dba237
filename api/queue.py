"""The numbers of the queue page: `/queue.json`.

Every key sees what /metrics shows too: counts of jobs of all keys, how long they waited and ran, and the
workers. These numbers do not tell whose jobs they are. The list of jobs has only the jobs of the request's
own key.
"""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from redis import RedisError

from api import auth, examples, responses, schemas, tags
from api.json_provider import json_bytes
from api.public_json import rfc3339
from api.routes import Routes
from config.credentials import Credentials
from jobs.json_text import JSONText
from store.job_store import JobStore
from store.series import Interval, Times, intervals, totals
from store.summary import Summary
from store.worker import SeenWorker

#: Seconds for which a process remembers what all keys see.
_TTL: Final = 1.0

#: The most jobs of a key that are listed.
_JOBS_MAX: Final = 20


class Remembered:
    """A value that is read from Redis at most once in _TTL seconds, however many requests ask for it.

    A failure is remembered too. Otherwise requests would wait one after the other while Redis does not
    answer.
    """

    def __init__(self, read: Callable[[], Any], *, clock: Callable[[], float] = time.monotonic) -> None:
        """Read nothing yet."""
        self._read, self._clock = read, clock
        self._lock = threading.Lock()
        self._read_at: float | None = None
        self._value: Any = None
        self._failure: RedisError | None = None

    def get(self) -> Any:
        """Return the value.

        Raises:
            redis.RedisError: The latest read failed.
        """
        with self._lock:
            if self._read_at is None or self._clock() - self._read_at >= _TTL:
                try:
                    self._value, self._failure = self._read(), None
                except RedisError as failure:
                    self._failure = failure
                # After a slow read, the requests that have waited for it do not read again.
                self._read_at = self._clock()
            if self._failure is not None:
                raise self._failure.with_traceback(None)
            return self._value


def queue_routes(store: JobStore, credentials: Credentials) -> Routes:
    """Return `/queue.json`."""
    routes = auth.protected("queue", credentials, abp_tags=[tags.WATCH], abp_responses=responses.WITH_KEY)
    shared = Remembered(lambda: _shared(store))

    @routes.get(
        "/queue.json",
        summary="The queue, the workers, the last hour and your latest jobs",
        operation_id="queue",
        responses={
            200: responses.ok(schemas.Queue, "The numbers of the queue page.", examples.QUEUE),
            **responses.WITH_REDIS,
        },
    )
    def serve_queue() -> dict[str, Any]:
        latest = store.latest(owner=auth.owner(), limit=_JOBS_MAX)
        return {**shared.get(), "jobs": [_summary(one) for one in latest]}

    return routes


def _shared(store: JobStore) -> dict[str, Any]:
    """Return the part of the answer that is the same for all keys."""
    snapshots = store.history()
    now = snapshots[0]
    return {
        "at": rfc3339(now.at_ms),
        "queued": [
            {"priority": one.priority, "interactive": one.interactive, "jobs": jobs}
            for one, jobs in now.queued.items()
        ],
        "running": now.running,
        "workers": [_worker(one) for one in store.seen_workers()],
        # By far the most of the answer: it is encoded once for all requests.
        "intervals": JSONText(json_bytes([_interval(one) for one in intervals(snapshots)])),
        "totals": _totals(totals(snapshots)),
    }


def _worker(seen: SeenWorker) -> dict[str, Any]:
    worker = seen.worker
    return {
        "id": worker.id,
        "sandbox": worker.sandbox,
        "detail": worker.detail,
        "environments": worker.environments,
        "version": worker.version,
        "python": worker.python,
        "jobs_at_once": worker.jobs_at_once,
        "started_at": rfc3339(worker.started_ms),
        "seen_at": rfc3339(seen.seen_s * 1000),
        "gone": seen.gone,
    }


def _interval(interval: Interval) -> dict[str, Any]:
    return {
        "start_at": rfc3339(interval.start_ms),
        "end_at": rfc3339(interval.end_ms),
        "submitted": round(interval.submitted, 3),
        "finished": round(interval.finished, 3),
        "failed": round(interval.failed, 3),
        "waits": _durations(interval.waits),
        "runs": _durations(interval.runs),
        "queued": interval.queued,
        "running": interval.running,
    }


def _durations(times: Times) -> dict[str, float | None]:
    named = {"mean_ms": times.mean, "p50_ms": times.p50, "p95_ms": times.p95}
    return {name: None if ms is None else round(ms, 1) for name, ms in named.items()}


def _totals(counts: Mapping[str, int]) -> dict[str, Any]:
    failed = "finished:failed:"
    failures = {name.removeprefix(failed): n for name, n in counts.items() if name.startswith(failed) and n}
    return {
        "submitted": counts.get("submitted", 0),
        "succeeded": counts.get("finished:succeeded", 0),
        "failed": sum(failures.values()),
        "cancelled": counts.get("finished:cancelled", 0),
        "failures": dict(sorted(failures.items(), key=lambda one: (-one[1], one[0]))),
    }


def _summary(job: Summary) -> dict[str, Any]:
    return {
        "id": job.id,
        "status": job.status,
        "error_type": job.error,
        "mode": job.mode,
        "environment": job.environment,
        "created_at": rfc3339(job.created_ms),
        "queued_ms": job.queued_ms,
        "run_ms": job.run_ms,
    }
