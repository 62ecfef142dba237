"""All that was measured in one run, and the ratios that are judged."""

from dataclasses import asdict, dataclass
from typing import Any

from bench import latency
from bench.cost import Commands, Cost
from bench.held import Held
from bench.latency import BARE, MODERATE_BARE
from bench.memory import Memory
from bench.soak import Soak
from bench.statistic import Spread, median, percentile, spread
from bench.throughput import Bursts
from sandbox.isolation import Isolation


@dataclass(frozen=True, slots=True)
class Many:
    """Bursts of one concurrency. client: CPU milliseconds of the client a job."""

    rate: float
    over_bare: float
    took: Spread
    tail: float
    client: float


@dataclass(frozen=True, slots=True)
class Figures:
    """Latencies are in milliseconds. ready: seconds, of each start."""

    samples: latency.Samples
    bursts: Bursts
    ready: dict[Isolation, list[float]]
    cost: dict[Isolation, Cost]
    commands: dict[Isolation, Commands]
    memory: dict[Isolation, Memory]
    held: Held
    soak: dict[Isolation, Soak]
    load_before: float

    def spread(self, name: str) -> Spread:
        """Sum up a sample."""
        return spread(self.samples[name])

    def over_bare(self, name: str, percent: float, unit: str = BARE) -> float:
        """Return a percentile of a sample over the median of a bare start."""
        return percentile(self.samples[name], percent) / percentile(self.samples[unit], 50)

    def moderate_over_itself(self, isolation: Isolation) -> float:
        """Return the median of the moderate job over that of the same program run bare."""
        return self.over_bare(f"{isolation} {latency.MODERATE_PACED}", 50, MODERATE_BARE)

    @property
    def bare_rate(self) -> float:
        """Bare starts per second on all cores."""
        return median(self.bursts.bare)

    def many(self, isolation: Isolation) -> dict[int, Many]:
        """Sum up the bursts, by concurrency."""
        found = {}
        for concurrency, loads in self.bursts.loads[isolation].items():
            took = spread([ms for load in loads for ms in load.latencies])
            rate = median([load.rate for load in loads])
            done = sum(sum(load.statuses.values()) for load in loads)
            client = sum(load.cpu for load in loads) * 1000 / done
            found[concurrency] = Many(rate, rate / self.bare_rate, took, took.p95 / took.p50, client)
        return found

    def summary(self) -> dict[str, Any]:
        """Return everything but the single samples, as JSON."""
        return {
            "latency_ms": {name: asdict(spread(sample)) for name, sample in self.samples.items()},
            "bare_per_second": self.bare_rate,
            "throughput": {
                isolation: {many: asdict(burst) for many, burst in self.many(isolation).items()}
                for isolation in self.bursts.loads
            },
            "ready_seconds": self.ready,
            "cpu_ms": {name: asdict(cost) for name, cost in self.cost.items()},
            "redis_commands": {name: asdict(commands) for name, commands in self.commands.items()},
            "memory_mb": {name: asdict(memory) for name, memory in self.memory.items()},
            "held": asdict(self.held),
            "soak": {name: asdict(soak) for name, soak in self.soak.items()},
            "load_before": self.load_before,
        }
