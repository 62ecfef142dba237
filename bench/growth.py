"""What a larger service costs: more jobs in the queue, more keys, more idle connections.

A small service, one with many queued jobs and one with many keys run at the same time. Each round takes jobs
of each of them, and of the small service beside many idle connections, in a new random order. A ratio is the
median of the rounds' own ratios to the small service, so that slow noise of the machine does not count.
"""

import random
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Final

from bench import load
from bench.latency import TimedJobs
from bench.percentiles import median
from bench.plan import SETTINGS, Plan
from bench.queued_jobs import make_settings, queue_jobs
from bench.scripts import TRIVIAL, make_body
from config.credentials import new_key
from harness.checkout import Checkout
from harness.client import Connection, make_request
from harness.components import read_cpu_seconds
from harness.service import Service, run_whole
from harness.together import enter_together

#: The names of the measured cases.
SMALL: Final = "small"
QUEUED: Final = "queued jobs"
KEYS: Final = "keys with jobs"
CONNECTIONS: Final = "idle connections"

#: Jobs that run all the time for the key that has others in the queue. No key may run more at once.
_BUSY: Final = 3

#: What is left for the measured jobs: fewer than a key may run, so that none waits for a job of its key.
_FREE: Final = 2

#: Connections that send jobs at once while the rate is measured.
_AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True)
class Growth:
    """The outcome of the measurement.

    Attributes:
        few_queued: Jobs in the queue of the small service.
        sizes: How many queued jobs, keys or connections there are in each case.
        latencies: Milliseconds of trivial jobs, by case and round.
        rates: Jobs per second, by case and round.
        cpu: CPU milliseconds of one of these jobs, all processes of the service, by case and round.
    """

    few_queued: int
    sizes: dict[str, int]
    latencies: dict[str, list[list[float]]]
    rates: dict[str, list[float]]
    cpu: dict[str, list[float]]

    def p50(self, case: str) -> float:
        """Return the median of a job in milliseconds."""
        return median([ms for times in self.latencies[case] for ms in times])

    def rate(self, case: str) -> float:
        """Return the jobs per second."""
        return median(self.rates[case])

    def cpu_of_job(self, case: str) -> float:
        """Return the CPU time of a job in milliseconds."""
        return median(self.cpu[case])

    def p50_over_small(self, case: str) -> float:
        """Return the median of a job over that of the small service."""
        rounds = zip(self.latencies[case], self.latencies[SMALL], strict=True)
        return median([median(large) / median(small) for large, small in rounds])

    def rate_over_small(self, case: str) -> float:
        """Return the jobs per second over those of the small service."""
        return _divide(self.rates[case], self.rates[SMALL])

    def cpu_over_small(self, case: str) -> float:
        """Return the CPU time of a job over that of the small service."""
        return _divide(self.cpu[case], self.cpu[SMALL])

    def summarize(self) -> dict[str, Any]:
        """Return all figures except the single samples, as a JSON value."""
        return {
            case: {
                "size": self.sizes[case],
                "p50_ms": self.p50(case),
                "p50_over_small": self.p50_over_small(case),
                "rate": self.rate(case),
                "rate_over_small": self.rate_over_small(case),
                "cpu_ms": self.cpu_of_job(case),
                "cpu_over_small": self.cpu_over_small(case),
            }
            for case in self.sizes
        } | {SMALL: {"p50_ms": self.p50(SMALL), "rate": self.rate(SMALL), "cpu_ms": self.cpu_of_job(SMALL)}}


def _divide(large: list[float], small: list[float]) -> float:
    return median([one / other for one, other in zip(large, small, strict=True)])


def measure_growth(plan: Plan) -> Growth:
    """Measure in rounds, each in a random order."""
    sizes = {QUEUED: plan.many_queued, KEYS: plan.many_keys, CONNECTIONS: plan.many_connections}
    cases = [SMALL, *sizes]
    latencies: dict[str, list[list[float]]] = {case: [] for case in cases}
    rates: dict[str, list[float]] = {case: [] for case in cases}
    cpu: dict[str, list[float]] = {case: [] for case in cases}
    services = {
        SMALL: _run(plan.few_queued, 1),
        QUEUED: _run(plan.many_queued, 1),
        KEYS: _run(plan.few_queued, plan.many_keys),
    }
    with enter_together(services) as entered:
        measured = {**entered, CONNECTIONS: entered[SMALL]}
        for case in cases:
            measured[case].use_every_key()
        for _ in range(plan.growth_rounds):
            for case in random.sample(cases, len(cases)):
                beside = plan.many_connections if case == CONNECTIONS else 0
                with _hold_connections(measured[case].service.port, beside):
                    latencies[case].append(measured[case].jobs.run(plan.growth_jobs, plan.pause))
                    rate, milliseconds = measured[case].measure_burst(plan.growth_burst)
                rates[case].append(rate)
                cpu[case].append(milliseconds)
    return Growth(plan.few_queued, sizes, latencies, rates, cpu)


class _Measured:
    """A service, and the jobs of its keys."""

    def __init__(self, service: Service, keys: list[str]) -> None:
        self.service, self._keys, self._body = service, keys, make_body(TRIVIAL)
        self.jobs = TimedJobs(service, self._body, keys=keys)

    def use_every_key(self) -> None:
        """Run a job of every key, so that the store knows them all."""
        self._load(jobs=len(self._keys))

    def measure_burst(self, seconds: float) -> tuple[float, float]:
        """Return the jobs per second, with the keys in turn, and the CPU milliseconds of one job."""
        before = sum(read_cpu_seconds(self.service).values())
        done = self._load(seconds=seconds)
        used = sum(read_cpu_seconds(self.service).values()) - before
        return done.rate, used * 1000 / sum(done.statuses.values())

    def _load(self, *, jobs: int = 0, seconds: float = 0.0) -> load.Load:
        body = self._body.decode()
        return load.run(load.Order(self.service.port, _AT_ONCE, body, seconds, jobs, self._keys))


@contextmanager
def _run(queued: int, keys: int) -> Iterator[_Measured]:
    """Run a service with jobs of a key of their own in the queue, and other keys for the measured jobs."""
    made = [new_key(f"key-{number}") for number in range(keys + 1)]
    settings: Mapping[str, str] = {
        **SETTINGS,
        **make_settings(_BUSY, queued),
        "API_KEYS": ",".join(entry for _, entry in made),
        "WORKERS": str(_BUSY + _FREE),
    }
    with run_whole(Checkout.this(), **settings) as service:
        (blocked, _), *others = made
        queue_jobs(service, blocked, _BUSY, queued)
        yield _Measured(service, [key for key, _ in others])


@contextmanager
def _hold_connections(port: int, count: int) -> Iterator[None]:
    """Keep connections open that have had one answer each."""
    with ExitStack() as stack:
        for _ in range(count):
            connection = stack.enter_context(Connection(port))
            answer = connection.exchange(make_request("GET", "/health/live"))
            assert answer.status == 200, answer.text
        yield
