"""The figures of one run, and the ratios computed from them."""

from dataclasses import asdict, dataclass
from typing import Any

from bench import latency
from bench.cost import Commands, Cost
from bench.idle_streams import IdleStreams
from bench.latency import BARE, MODERATE_BARE
from bench.memory import Memory
from bench.packages import PackageFigures
from bench.percentiles import Spread, median, percentile, summarize
from bench.soak import Soak
from bench.throughput import Bursts
from bench.waiting_requests import WaitingRequests
from sandbox.isolation import Isolation


@dataclass(frozen=True, slots=True)
class Burst:
    """The bursts of one concurrency.

    Attributes:
        rate: Jobs per second.
        over_bare: The rate over the rate of bare starts.
        took: Milliseconds of a job, as percentiles.
        tail: The 95th percentile over the median.
        client: CPU milliseconds of the client for each job.
    """

    rate: float
    over_bare: float
    took: Spread
    tail: float
    client: float


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that one run measured.

    Attributes:
        samples: Milliseconds of single starts and jobs.
        bursts: Bursts of many jobs.
        ready: Seconds until `make run` prints that it is ready, for each start.
        cost: CPU time of a job.
        commands: Redis commands of a job.
        memory: Memory of the idle service.
        waiting: Requests that waited at the same time.
        streams: Streams that were open at the same time.
        packages: Jobs with packages.
        soak: Many jobs in a row, if the options ask for them.
        load_before: The load average before the run.
    """

    samples: latency.Samples
    bursts: Bursts
    ready: dict[Isolation, list[float]]
    cost: dict[Isolation, Cost]
    commands: dict[Isolation, Commands]
    memory: dict[Isolation, Memory]
    waiting: WaitingRequests
    streams: IdleStreams
    packages: PackageFigures
    soak: dict[Isolation, Soak]
    load_before: float

    def spread(self, name: str) -> Spread:
        """Return the percentiles of a sample."""
        return summarize(self.samples[name])

    def over_bare(self, name: str, percent: float, unit: str = BARE) -> float:
        """Return a percentile of a sample over the median of a bare start."""
        return percentile(self.samples[name], percent) / percentile(self.samples[unit], 50)

    def moderate_over_itself(self, isolation: Isolation) -> float:
        """Return the median of the moderate job over the median of the same program without the service."""
        return self.over_bare(f"{isolation} {latency.MODERATE_PACED}", 50, MODERATE_BARE)

    def file_over_trivial(self, isolation: Isolation) -> float:
        """Return the median of a job with a file in and out over the median of a trivial job."""
        return self.over_bare(f"{isolation} {latency.FILE}", 50, f"{isolation} {latency.PACED}")

    @property
    def bare_rate(self) -> float:
        """Bare starts per second on all cores."""
        return median(self.bursts.bare)

    def by_concurrency(self, isolation: Isolation) -> dict[int, Burst]:
        """Return the bursts of an isolation by concurrency."""
        found = {}
        for concurrency, loads in self.bursts.loads[isolation].items():
            took = summarize([ms for load in loads for ms in load.latencies])
            rate = median([load.rate for load in loads])
            done = sum(sum(load.statuses.values()) for load in loads)
            client = sum(load.cpu for load in loads) * 1000 / done
            found[concurrency] = Burst(rate, rate / self.bare_rate, took, took.p95 / took.p50, client)
        return found

    def summarize(self) -> dict[str, Any]:
        """Return all figures except the single samples, as a JSON value."""
        return {
            "latency_ms": {name: asdict(summarize(sample)) for name, sample in self.samples.items()},
            "bare_per_second": self.bare_rate,
            "throughput": {
                isolation: {many: asdict(burst) for many, burst in self.by_concurrency(isolation).items()}
                for isolation in self.bursts.loads
            },
            "ready_seconds": self.ready,
            "cpu_ms": {name: asdict(cost) for name, cost in self.cost.items()},
            "redis_commands": {name: asdict(commands) for name, commands in self.commands.items()},
            "memory_mb": {name: asdict(memory) for name, memory in self.memory.items()},
            "waiting_requests": asdict(self.waiting),
            "idle_streams": asdict(self.streams),
            "packages": self.packages.summarize(),
            "soak": {name: asdict(soak) for name, soak in self.soak.items()},
            "load_before": self.load_before,
        }
