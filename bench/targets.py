"""The targets, and whether a run meets them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from bench.figures import Figures
from bench.growth import CONNECTIONS, KEYS, QUEUED
from bench.latency import BACK_TO_BACK, PACED, PRINT
from bench.packages import PackageFigures
from bench.percentiles import median, percentile
from bench.run import Run
from harness.components import Component
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
        runs: The figure of each run, if several were measured; `figure` is their median.
    """

    name: str
    isolation: Isolation
    figure: float
    bound: float | None
    unit: str
    least: bool
    runs: tuple[float, ...] = ()

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


def _trivial(pace: str, percent: float) -> Callable[[Run, Isolation], float]:
    return lambda run, isolation: run.over_bare(f"{isolation} {pace}", percent)


RUN_TARGETS: tuple[Target[Run], ...] = (
    Target("trivial job, paced: p50 over bare", {SLOT: 0.5, FRESH: 0.75}, _trivial(PACED, 50)),
    Target("trivial job, paced: p95 over bare", {SLOT: 0.75, FRESH: 1.5}, _trivial(PACED, 95)),
    Target("trivial job, back to back: p50 over bare", {SLOT: 0.42, FRESH: 0.6}, _trivial(BACK_TO_BACK, 50)),
    Target("trivial job, back to back: p95 over bare", {SLOT: 0.9, FRESH: 1.5}, _trivial(BACK_TO_BACK, 95)),
    Target("moderate job: p50 over itself bare", {SLOT: 0.8, FRESH: 1.0}, Run.moderate_over_itself),
    Target(
        "jobs per second over bare starts per second, the lowest of all concurrencies",
        {SLOT: 1.35, FRESH: 0.55},
        lambda run, isolation: min(burst.over_bare for burst in run.by_concurrency(isolation).values()),
        least=True,
    ),
    Target(
        "8 at once: p95 over p50",
        {SLOT: 2.0, FRESH: 2.5},
        lambda run, isolation: run.by_concurrency(isolation)[8].tail,
    ),
    Target(
        "CPU time of a trivial job over that of a bare start, both with kernel threads",
        {SLOT: 0.65},
        Run.cpu_over_bare,
    ),
    Target(
        "private memory of a process that waits for a job",
        {SLOT: 3.0},
        lambda run, isolation: run.memory[isolation].child,
        "MB",
    ),
    Target("`make run` to ready", {SLOT: 3.0, FRESH: 3.0}, lambda run, isolation: run.ready[isolation], "s"),
    Target(
        "memory of everything that `make run` starts, idle",
        {SLOT: 250.0, FRESH: 250.0},
        lambda run, isolation: run.memory[isolation].total,
        "MB",
    ),
    Target(
        "print to first byte at the client: p95",
        {SLOT: 100.0, FRESH: 100.0},
        lambda run, isolation: percentile(run.samples[f"{isolation} {PRINT}"], 95),
        "ms",
    ),
    Target("1 MB file in and out: p50 over a trivial job", {SLOT: 4.0}, Run.file_over_trivial),
)


def _growth(case: str, what: str) -> tuple[Target[Figures], Target[Figures]]:
    return (
        Target(
            f"{what}: p50 of a trivial job over a small service",
            {SLOT: 1.1},
            lambda figures, _: figures.growth.p50_over_small(case),
        ),
        Target(
            f"{what}: jobs per second over a small service",
            {SLOT: 0.9},
            lambda figures, _: figures.growth.rate_over_small(case),
            least=True,
        ),
    )


ONCE_TARGETS: tuple[Target[Figures], ...] = (
    Target(
        "commands to Redis for each job",
        {SLOT: 8.0, FRESH: 8.0},
        lambda figures, isolation: sum(figures.commands[isolation].sent.values()),
    ),
    *_growth(QUEUED, "10,000 queued jobs"),
    *_growth(KEYS, "1,000 keys with jobs"),
    *_growth(CONNECTIONS, "100 idle connections"),
    Target(
        "three workers over one: capacity by CPU time",
        {SLOT: 2.7},
        lambda figures, _: figures.scaling.capacity_over_one,
        least=True,
    ),
    Target(
        "three workers over one: jobs per CPU second of Redis",
        {SLOT: 0.9},
        lambda figures, _: figures.scaling.jobs_over_one(Component.REDIS),
        least=True,
    ),
    Target(
        "share of simultaneously waiting requests that got an answer",
        {SLOT: 1.0},
        lambda figures, _: figures.waiting.answered / figures.waiting.asked,
        least=True,
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
    """Compare the figures with the targets."""
    return [
        *judge_runs(RUN_TARGETS, figures.runs),
        *_judge(ONCE_TARGETS, figures),
        *judge_packages(figures.packages),
    ]


def judge_packages(figures: PackageFigures) -> list[Verdict]:
    """Compare the figures of jobs with packages with their targets."""
    return _judge(PACKAGE_TARGETS, figures)


def judge_runs(targets: Iterable[Target[Measured]], runs: Sequence[Measured]) -> list[Verdict]:
    """Compare the median of some runs with the targets."""
    verdicts = [_judge(targets, run) for run in runs]
    return [
        replace(same[0], figure=median(figures), runs=figures)
        for same in zip(*verdicts, strict=True)
        for figures in [tuple(verdict.figure for verdict in same)]
    ]


def _judge(targets: Iterable[Target[Measured]], measured: Measured) -> list[Verdict]:
    return [
        Verdict(
            target.name,
            isolation,
            target.figure(measured, isolation),
            target.bounds.get(isolation),
            target.unit,
            target.least,
        )
        for target in targets
        for isolation in Isolation
    ]
