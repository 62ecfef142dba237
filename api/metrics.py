"""The metrics, in Prometheus' text format.

Metrics of jobs and workers come from Redis, so every API process gives the same numbers and a restart loses
none. Metrics of HTTP requests are counted in each process. Under gunicorn the processes share them through a
folder.
"""

import os
from collections import Counter as Counted
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Final

from flask import Response
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from api import auth, responses, tags
from api.routes import Routes
from config.credentials import Credentials
from config.names import METRICS_FOLDER
from jobs.environment import STDLIB
from jobs.mode import Mode
from store.job_store import JobStore
from store.statistics import Statistics
from store.worker import Worker

_PREFIX: Final = "python_executor_"
_CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

#: In seconds. A request that waits for its job takes as long as the job.
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """The metrics of HTTP requests, of this process or of all processes that share its folder.

    Attributes:
        streams: The open streams.
    """

    def __init__(self) -> None:
        """Start at zero."""
        self._own = CollectorRegistry()
        self._requests = Counter(
            f"{_PREFIX}http_requests", "HTTP requests.", ["method", "route", "status"], registry=self._own
        )
        self._seconds = Histogram(
            f"{_PREFIX}http_request_seconds",
            "Duration of HTTP requests in seconds.",
            ["method", "route"],
            buckets=_BUCKETS,
            registry=self._own,
        )
        self.streams: Final = Gauge(
            f"{_PREFIX}streams",
            "Open streams of events.",
            registry=self._own,
            # A process that was killed has none: see config/gunicorn.py.
            multiprocess_mode="livesum",
        )
        # Looking up a metric by its labels costs more than counting, so the result is kept.
        self._by_labels: Final = cache(
            lambda method, route, status: (
                self._requests.labels(method, route, status),
                self._seconds.labels(method, route),
            )
        )

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        requests, took = self._by_labels(method, route, status)
        requests.inc()
        took.observe(seconds)

    def text(self, statistics: Statistics, workers: Sequence[Worker]) -> bytes:
        """Return all metrics as text."""
        shared = CollectorRegistry()
        if METRICS_FOLDER in os.environ:
            MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
        requests = shared if METRICS_FOLDER in os.environ else self._own
        queue = CollectorRegistry()
        queue.register(_Queue(statistics, workers))
        return generate_latest(queue) + generate_latest(requests)


class _Queue(Collector):
    """The metrics of jobs and workers."""

    def __init__(self, statistics: Statistics, workers: Sequence[Worker]) -> None:
        self._statistics, self._workers = statistics, workers

    def collect(self) -> Iterator[Metric]:
        """Yield each metric."""
        counters = self._statistics.counters
        queued = GaugeMetricFamily(
            f"{_PREFIX}jobs_queued", "Jobs in the queue.", labels=["priority", "interactive"]
        )
        for queue_class, jobs in self._statistics.queued.items():
            queued.add_metric([queue_class.priority, str(queue_class.interactive).lower()], jobs)
        yield queued
        yield GaugeMetricFamily(f"{_PREFIX}jobs_running", "Jobs that run now.", self._statistics.running)
        workers = GaugeMetricFamily(f"{_PREFIX}workers", "Workers that consume.", labels=["sandbox"])
        for sandbox, present in Counted(worker.sandbox for worker in self._workers).items():
            workers.add_metric([sandbox], present)
        yield workers
        having = GaugeMetricFamily(
            f"{_PREFIX}environment_workers", "Workers that have an environment.", labels=["environment"]
        )
        names = (name for worker in self._workers for name in worker.environments)
        for name, present in sorted(Counted(names).items()):
            having.add_metric([name], present)
        yield having
        submitted = CounterMetricFamily(
            f"{_PREFIX}jobs_submitted", "Jobs that were accepted.", labels=["mode", "environment"]
        )
        for (mode, environment), jobs in sorted(_submitted(counters).items()):
            submitted.add_metric([mode, environment], jobs)
        yield submitted
        finished = CounterMetricFamily(
            f"{_PREFIX}jobs_finished", "Jobs that are final.", labels=["status", "error_type"]
        )
        sandboxes = CounterMetricFamily(
            f"{_PREFIX}jobs_sandboxed", "Jobs that ended in a sandbox, by its kind.", labels=["sandbox"]
        )
        for name, jobs in sorted(counters.items()):
            kind, _, how = name.partition(":")
            if kind == "finished":
                status, _, error = how.partition(":")
                finished.add_metric([status, error], jobs)
            elif kind == "sandbox":
                sandboxes.add_metric([how], jobs)
        yield finished
        yield sandboxes
        for what, name, description in _TIMED:
            durations = self._statistics.durations(what)
            buckets = [(_seconds(bound), jobs) for bound, jobs in durations.at_most]
            yield HistogramMetricFamily(_PREFIX + name, description, buckets, durations.sum_ms / 1000)
        for name, (counter, description) in _COUNTED.items():
            yield CounterMetricFamily(_PREFIX + name, description, counters.get(counter, 0))


def _submitted(counters: Mapping[str, int]) -> dict[tuple[str, str], int]:
    """Return the numbers of accepted jobs by mode and environment, from the counters of the store."""
    found = {(str(mode), STDLIB): 0 for mode in Mode}
    for name, jobs in counters.items():
        what, _, labels = name.partition(":")
        if what == "submitted":
            # An earlier version counted by mode only, and had no other environment.
            mode, _, environment = labels.partition(":")
            found[mode, environment or STDLIB] = found.get((mode, environment or STDLIB), 0) + jobs
    return found


#: Metrics of one counter each: the counter's name in the store, and the description.
_COUNTED: Final = {
    "job_attempts": ("attempts", "Times a worker claimed a job."),
    "jobs_requeued": ("requeued", "Times a job went back to the queue because its worker was lost."),
    "jobs_released": ("released", "Times a stopping worker handed a job back to the queue."),
    "files": ("files", "Files of jobs that were accepted."),
    "file_bytes": ("file_bytes", "Bytes of these files."),
    "artifacts": ("artifacts", "Artifacts of jobs that were kept."),
    "artifact_bytes": ("artifact_bytes", "Bytes of these artifacts."),
}


#: Histograms: the duration's name in the store, the metric's name, the description.
_TIMED: Final = (
    ("waited", "job_wait_seconds", "Seconds from the submission to the claim, of jobs that ran."),
    ("ran", "job_run_seconds", "Seconds from the claim to the end, of jobs that ran."),
)


def _seconds(bound: int | str) -> str:
    return "+Inf" if bound == "inf" else f"{int(bound) / 1000:g}"


def metrics_routes(store: JobStore, metrics: Metrics, credentials: Credentials) -> Routes:
    """Return `/metrics`."""
    routes = auth.protected("metrics", credentials, abp_tags=[tags.WATCH], abp_responses=responses.WITH_KEY)

    @routes.get(
        "/metrics",
        summary="Metrics for Prometheus",
        operation_id="metrics",
        responses={200: responses.TEXT, **responses.WITH_REDIS},
    )
    def serve_metrics() -> Response:
        return Response(metrics.text(store.statistics(), store.workers()), content_type=_CONTENT_TYPE)

    return routes
