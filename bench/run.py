"""One run of the figures whose median counts, and the ratios computed from it."""

from dataclasses import dataclass

from bench import latency
from bench.cost import Cost, Cpu
from bench.latency import BARE, MODERATE_BARE
from bench.memory import Memory
from bench.percentiles import Spread, median, percentile, summarize
from bench.throughput import Bursts
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
class Run:
    """What a run measures with services of its own.

    Attributes:
        samples: Milliseconds of single starts and jobs.
        bursts: Bursts of many jobs.
        ready: Seconds until `make run` prints that it is ready.
        cost: CPU time of a job.
        bare_cpu: CPU time of a bare start.
        memory: Memory of the idle service.
    """

    samples: latency.Samples
    bursts: Bursts
    ready: dict[Isolation, float]
    cost: dict[Isolation, Cost]
    bare_cpu: Cpu
    memory: dict[Isolation, Memory]

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

    def cpu_over_bare(self, isolation: Isolation) -> float:
        """Return the CPU time of a trivial job over that of a bare start, both with the kernel's threads."""
        return max(map(self.cost[isolation].total_with_kernel, self.cost[isolation].components)) / (
            self.bare_cpu.total
        )

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
