"""The section and the plot of jobs with packages."""

from collections.abc import Iterator

from bench import plot
from bench.packages import PackageFigures, name_bare
from bench.percentiles import median, percentile, summarize
from bench.scripts import PACKAGES
from harness.table import format_markdown
from sandbox.isolation import Isolation

_TEXT = """\
Two more services run with the environment `data`: {packages}. With `slot` the
jails import {preloaded} before a job comes; with `fresh` each job imports what it needs. The numpy program
multiplies two matrices of 200 × 200, the pandas program groups 1,000 rows, and the matplotlib program draws a
PNG image of 640 × 480. Bare, each is the same program with the same packages, as `python3 -c`. A job starts
20 ms after the previous answer."""

_COST = """\
The first figure is the median time of a trivial job of `stdlib` in a service that offers `data`, over that in
a service that does not. "Private memory" is that of the process of a job that has imported numpy and pandas.
"Ready" is the time from the start of `make run` to the answer of the first job with packages."""


def format_section(figures: PackageFigures) -> Iterator[str]:
    """Yield the paragraphs of the section."""
    yield _TEXT.format(
        packages=", ".join(f"{name} {version}" for name, version in figures.versions.items()),
        preloaded=", ".join(f"`{name}`" for name in figures.preloaded[Isolation.SLOT]),
    )
    yield "![Latency of jobs with packages, in units of the same program bare](performance-packages.svg)"
    yield _format_latencies(figures)
    yield _COST
    yield _format_costs(figures)


def draw_plot(figures: PackageFigures) -> str:
    """Return docs/explanation/performance-packages.svg."""
    rows = {
        f"{program}, {isolation}": [
            figures.over_itself(isolation, program, percent) for percent in (50, 95, 99)
        ]
        for program in PACKAGES
        for isolation in Isolation
    }
    title = "Jobs with packages over HTTP, in units of the median of the same program bare"
    return plot.draw_bars(title, rows, ("p50", "p95", "p99"))


def _format_latencies(figures: PackageFigures) -> str:
    rows = []
    for program in PACKAGES:
        bare = name_bare(program)
        for shown, name in (("bare", bare), *((f"`{one}`", f"{one} {program}") for one in Isolation)):
            spread = summarize(figures.samples[name])
            times = [spread.p50, spread.p95, spread.p99]
            unit = percentile(figures.samples[bare], 50)
            rows.append(
                [
                    program,
                    shown,
                    *(f"{value:.1f}" for value in times),
                    *(f"{value / unit:.3f}" for value in times),
                    str(spread.count),
                ]
            )
    head = (
        "program||p50 ms|p95 ms|p99 ms|p50 over itself bare|p95 over itself bare|p99 over itself bare|samples"
    )
    return format_markdown(head.split("|"), rows)


def _format_costs(figures: PackageFigures) -> str:
    rows = [
        [
            f"`{isolation}`",
            f"{figures.trivial_with_over_without(isolation):.3f}",
            f"{figures.child[isolation]:.1f}",
            f"{median(figures.ready[isolation]):.2f}",
        ]
        for isolation in Isolation
    ]
    return format_markdown(
        ["isolation", "trivial `stdlib` job, with over without", "private memory, MB", "ready, s"], rows
    )
