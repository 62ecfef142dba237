"""The section about larger services."""

from collections.abc import Iterator

from bench.growth import SMALL, Growth
from bench.scaling import MANY, ONE, Scaling
from harness.components import Component
from harness.table import format_markdown

_GROWTH = """\
A larger service is measured beside a small one, in the same rounds. The small one has {queued} jobs in the
queue, one key and no idle connection. The jobs in the queue are of a key that already runs as many as it may,
so the measured jobs do not wait for them. With more keys, each has jobs in the store, and the requests take
the keys in turn. The idle connections are kept alive. The rate is that of 8 connections,
and the CPU time that of all processes of the service meanwhile."""

_SCALING = """\
The machine has too few cores to let three workers run at full speed, so this is computed from CPU time. Two
services run side by side: one with one worker and one API process, one with three of each; each worker runs
two jobs at once. The table shows CPU milliseconds of one job. If each process has a CPU of its own, the API
serves one job at a time in each process, a worker two, and Redis one. The limit is that of the slowest part:
{one:.0f} jobs per second with one worker ({one_part}), {many:.0f} with three ({many_part}), or
{ratio:.2f} times as many. Redis serves {redis:.2f} times as many jobs per CPU second with three workers as
with one."""


def format_section(growth: Growth, scaling: Scaling) -> Iterator[str]:
    """Yield the paragraphs of the section."""
    yield _GROWTH.format(queued=growth.few_queued)
    yield _format_growth(growth)
    limits = {workers: scaling.limits(workers) for workers in (ONE, MANY)}
    parts = {workers: min(limit, key=lambda part: limit[part]) for workers, limit in limits.items()}
    yield _SCALING.format(
        one=scaling.capacity(ONE),
        one_part=parts[ONE],
        many=scaling.capacity(MANY),
        many_part=parts[MANY],
        ratio=scaling.capacity_over_one,
        redis=scaling.jobs_over_one(Component.REDIS),
    )
    yield _format_scaling(scaling)


def _format_growth(growth: Growth) -> str:
    small = [f"{growth.p50(SMALL):.1f}", "1.00", f"{growth.rate(SMALL):.0f}", "1.00"]
    rows = [["small", *small, f"{growth.cpu_of_job(SMALL):.2f}", "1.00"]]
    for case, size in growth.sizes.items():
        rows.append(
            [
                f"{size:,} {case}",
                f"{growth.p50(case):.1f}",
                f"{growth.p50_over_small(case):.2f}",
                f"{growth.rate(case):.0f}",
                f"{growth.rate_over_small(case):.2f}",
                f"{growth.cpu_of_job(case):.2f}",
                f"{growth.cpu_over_small(case):.2f}",
            ]
        )
    head = [
        "",
        "p50 ms",
        "p50 over small",
        "jobs/s",
        "jobs/s over small",
        "CPU ms of a job",
        "CPU over small",
    ]
    return format_markdown(head, rows)


def _format_scaling(scaling: Scaling) -> str:
    rows = [
        [str(workers), *(f"{cpu[component]:.2f}" for component in Component), f"**{sum(cpu.values()):.2f}**"]
        for workers, cpu in scaling.cpu.items()
    ]
    return format_markdown(["workers", *Component, "all"], rows)
