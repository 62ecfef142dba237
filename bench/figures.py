"""The figures of a measurement: of its runs, and of what is measured once."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench.cost import Commands, Cost
from bench.growth import Growth
from bench.idle_streams import IdleStreams
from bench.latency import BARE
from bench.memory import Memory
from bench.packages import PackageFigures
from bench.percentiles import Spread, median
from bench.profile import Usage
from bench.run import Burst, Run
from bench.scaling import Scaling
from bench.soak import Soak
from bench.waiting_requests import WaitingRequests
from sandbox.isolation import Isolation


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that was measured.

    Attributes:
        runs: The runs. Each figure of the report is the median of the runs' own.
        commands: Redis commands of a job.
        profile: What a job with `slot` uses of the machine, by process.
        waiting: Requests that waited at the same time.
        streams: Streams that were open at the same time.
        growth: A service with more jobs, keys or connections beside a small one.
        scaling: Three workers beside one.
        packages: Jobs with packages.
        soak: Many jobs in a row, if the options ask for them.
        load_before: The load average before the first run.
    """

    runs: Sequence[Run]
    commands: dict[Isolation, Commands]
    profile: dict[str, Usage]
    waiting: WaitingRequests
    streams: IdleStreams
    growth: Growth
    scaling: Scaling
    packages: PackageFigures
    soak: dict[Isolation, Soak]
    load_before: float

    @property
    def samples(self) -> list[str]:
        """The names of the samples."""
        return list(self.runs[0].samples)

    def spread(self, name: str) -> Spread:
        """Return the percentiles of a sample, and the size of the samples of all runs together."""
        return _middle_spread([run.spread(name) for run in self.runs])

    def over_bare(self, name: str, percent: float, unit: str = BARE) -> float:
        """Return a percentile of a sample over the median of a bare start."""
        return self._median(lambda run: run.over_bare(name, percent, unit))

    @property
    def bare_rate(self) -> float:
        """Bare starts per second on all cores."""
        return self._median(lambda run: run.bare_rate)

    def by_concurrency(self, isolation: Isolation) -> dict[int, Burst]:
        """Return the bursts of an isolation by concurrency."""
        runs = [run.by_concurrency(isolation) for run in self.runs]
        return {many: _middle_burst([run[many] for run in runs]) for many in runs[0]}

    def ready(self, isolation: Isolation) -> float:
        """Return the seconds until `make run` prints that it is ready."""
        return self._median(lambda run: run.ready[isolation])

    def cost(self, isolation: Isolation) -> Cost:
        """Return the CPU time of a job in the run with the middle total, so that the parts add up."""
        return self._middle(lambda run: run.cpu_over_bare(isolation)).cost[isolation]

    @property
    def bare_cpu(self) -> tuple[float, float]:
        """CPU milliseconds of a bare start: of its process, and of the kernel's threads."""
        return self._median(lambda run: run.bare_cpu.process), self._median(lambda run: run.bare_cpu.kernel)

    def memory(self, isolation: Isolation) -> Memory:
        """Return the memory of the idle service in the run with the middle total."""
        return self._middle(lambda run: run.memory[isolation].total).memory[isolation]

    def summarize(self) -> dict[str, Any]:
        """Return all figures except the single samples, as a JSON value."""
        return {
            "latency_ms": {name: asdict(self.spread(name)) for name in self.samples},
            "bare_per_second": self.bare_rate,
            "throughput": {
                isolation: {many: asdict(burst) for many, burst in self.by_concurrency(isolation).items()}
                for isolation in Isolation
            },
            "ready_seconds": {
                isolation: [run.ready[isolation] for run in self.runs] for isolation in Isolation
            },
            "cpu_ms": {isolation: asdict(self.cost(isolation)) for isolation in Isolation},
            "bare_cpu_ms": dict(zip(("process", "kernel"), self.bare_cpu, strict=True)),
            "redis_commands": {name: asdict(commands) for name, commands in self.commands.items()},
            "profile": {row: asdict(usage) for row, usage in self.profile.items()},
            "memory_mb": {isolation: asdict(self.memory(isolation)) for isolation in Isolation},
            "waiting_requests": asdict(self.waiting),
            "idle_streams": asdict(self.streams),
            "growth": self.growth.summarize(),
            "scaling": self.scaling.summarize(),
            "packages": self.packages.summarize(),
            "soak": {name: asdict(soak) for name, soak in self.soak.items()},
            "load_before": self.load_before,
        }

    def _median(self, figure: Callable[[Run], float]) -> float:
        return median([figure(run) for run in self.runs])

    def _middle(self, figure: Callable[[Run], float]) -> Run:
        """Return the run whose figure is the middle one."""
        return sorted(self.runs, key=figure)[len(self.runs) // 2]


def _middle_spread(spreads: Sequence[Spread]) -> Spread:
    return Spread(
        median([spread.p50 for spread in spreads]),
        median([spread.p95 for spread in spreads]),
        median([spread.p99 for spread in spreads]),
        sum(spread.count for spread in spreads),
    )


def _middle_burst(bursts: Sequence[Burst]) -> Burst:
    return Burst(
        median([burst.rate for burst in bursts]),
        median([burst.over_bare for burst in bursts]),
        _middle_spread([burst.took for burst in bursts]),
        median([burst.tail for burst in bursts]),
        median([burst.client for burst in bursts]),
    )
