"""The targets, and whether a run meets them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from bench.figures import Figures
from bench.latency import BACK_TO_BACK, PACED, PRINT
from bench.packages import PackageFigures
from bench.percentiles import median, percentile
from sandbox.isolation import Isolation

SLOT, FRESH = Isolation.SLOT, Isolation.FRESH

Measured = TypeVar("Measured")


@dataclass(frozen=True, slots=True)
class Target(Generic[Measured]):
    """A bound for a figure.

    Attributes:
        name: The name of the figure.
        bounds: The bound of each isolation that has one.
        figure: Computes the figure.
        unit: The unit of the figure and the bound.
        least: The bound is a minimum, not a maximum.
    """

    name: str
    bounds: dict[Isolation, float]
    figure: Callable[[Measured, Isolation], float]
    unit: str = ""
    least: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """A figure and its target.

    Attributes:
        bound: None if the isolation has no target.
    """

    name: str
    isolation: Isolation
    figure: float
    bound: float | None
    unit: str
    least: bool

    @property
    def met(self) -> bool | None:
        """Whether the target is met, or None without a target."""
        if self.bound is None:
            return None
        return self.figure >= self.bound if self.least else self.figure <= self.bound

    @property
    def missed_by(self) -> float | None:
        """The excess of the figure over its bound, as a share of the bound; None if the target is met."""
        if self.bound is None or self.met:
            return None
        return abs(self.figure - self.bound) / self.bound


def _trivial(pace: str, percent: float) -> Callable[[Figures, Isolation], float]:
    return lambda figures, isolation: figures.over_bare(f"{isolation} {pace}", percent)


TARGETS: tuple[Target[Figures], ...] = (
    Target("trivial job, paced: p50 over bare", {SLOT: 0.4, FRESH: 0.6}, _trivial(PACED, 50)),
    Target("trivial job, paced: p95 over bare", {SLOT: 0.9, FRESH: 1.5}, _trivial(PACED, 95)),
    Target("trivial job, back to back: p50 over bare", {SLOT: 0.4, FRESH: 0.6}, _trivial(BACK_TO_BACK, 50)),
    Target("trivial job, back to back: p95 over bare", {SLOT: 0.9, FRESH: 1.5}, _trivial(BACK_TO_BACK, 95)),
    Target("moderate job: p50 over itself bare", {SLOT: 0.8, FRESH: 1.0}, Figures.moderate_over_itself),
    Target(
        "jobs per second over bare starts per second, the lowest of all concurrencies",
        {SLOT: 1.4, FRESH: 0.6},
        lambda figures, isolation: min(
            burst.over_bare for burst in figures.by_concurrency(isolation).values()
        ),
        least=True,
    ),
    Target(
        "8 at once: p95 over p50",
        {SLOT: 2.0, FRESH: 2.5},
        lambda figures, isolation: figures.by_concurrency(isolation)[8].tail,
    ),
    Target(
        "CPU time of a trivial job, all processes",
        {SLOT: 6.0},
        lambda figures, isolation: max(
            map(figures.cost[isolation].total, figures.cost[isolation].components)
        ),
        "ms",
    ),
    Target(
        "private memory of a process that waits for a job",
        {SLOT: 3.0},
        lambda figures, isolation: figures.memory[isolation].child,
        "MB",
    ),
    Target(
        "`make run` to ready",
        {SLOT: 3.0, FRESH: 3.0},
        lambda figures, isolation: median(figures.ready[isolation]),
        "s",
    ),
    Target(
        "memory of everything that `make run` starts, idle",
        {SLOT: 250.0, FRESH: 250.0},
        lambda figures, isolation: figures.memory[isolation].total,
        "MB",
    ),
    Target(
        "commands to Redis for each job",
        {SLOT: 8.0, FRESH: 8.0},
        lambda figures, isolation: sum(figures.commands[isolation].sent.values()),
    ),
    Target(
        "share of simultaneously waiting requests that got an answer",
        {SLOT: 1.0},
        lambda figures, _: figures.waiting.answered / figures.waiting.asked,
        least=True,
    ),
    Target(
        "print to first byte at the client: p95",
        {SLOT: 100.0, FRESH: 100.0},
        lambda figures, isolation: percentile(figures.samples[f"{isolation} {PRINT}"], 95),
        "ms",
    ),
    Target(
        "memory of the API for 2,000 idle streams",
        {SLOT: 60.0},
        lambda figures, _: figures.streams.memory,
        "MB",
    ),
    Target(
        "trivial job: p50 beside 2,000 idle streams over p50 without them",
        {SLOT: 1.1},
        lambda figures, _: figures.streams.over_alone,
    ),
    Target("1 MB file in and out: p50 over a trivial job", {SLOT: 4.0}, Figures.file_over_trivial),
)


def _program(name: str) -> Callable[[PackageFigures, Isolation], float]:
    return lambda figures, isolation: figures.over_itself(isolation, name)


PACKAGE_TARGETS: tuple[Target[PackageFigures], ...] = (
    Target("numpy job: p50 over itself bare", {SLOT: 0.1}, _program("numpy")),
    Target("pandas job: p50 over itself bare", {SLOT: 0.08}, _program("pandas")),
    Target("matplotlib PNG: p50 over itself bare", {SLOT: 0.25}, _program("matplotlib")),
    Target(
        "trivial job of `stdlib`: p50 with the environment `data` over p50 without it",
        {SLOT: 1.03},
        PackageFigures.trivial_with_over_without,
    ),
    Target(
        "private memory of the process of a `data` job",
        {SLOT: 25.0},
        lambda figures, isolation: figures.child[isolation],
        "MB",
    ),
    Target(
        "`make run` with the environment `data` to its first job with packages",
        {SLOT: 8.0},
        lambda figures, isolation: median(figures.ready[isolation]),
        "s",
    ),
)


def judge(figures: Figures) -> list[Verdict]:
    """Compare a run with the targets."""
    return [*_judge(TARGETS, figures), *judge_packages(figures.packages)]


def judge_packages(figures: PackageFigures) -> list[Verdict]:
    """Compare the figures of jobs with packages with their targets."""
    return _judge(PACKAGE_TARGETS, figures)


def _judge(targets: Iterable[Target[Measured]], figures: Measured) -> list[Verdict]:
    return [
        Verdict(
            target.name,
            isolation,
            target.figure(figures, isolation),
            target.bounds.get(isolation),
            target.unit,
            target.least,
        )
        for target in targets
        for isolation in Isolation
    ]
