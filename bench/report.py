"""The run in words: a table for the terminal, a page and a plot for the documentation."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from bench import latency, plot
from bench.figures import Figures
from bench.processes import Part
from bench.statistic import Spread, median
from bench.targets import Verdict

_NAMES = {
    latency.BARE: "bare start",
    latency.SYSTEM: "bare start of `/usr/bin/python3`",
    latency.COLD: "cold: the same in a jail",
    latency.MODERATE_BARE: "moderate program, bare",
}


def terminal(verdicts: Sequence[Verdict]) -> str:
    """Return the targets as a table for people."""
    rows = [("", "target", "slot", "", "target", "fresh", "")]
    for name, some in groupby(verdicts, lambda verdict: verdict.name):
        cells = [cell for verdict in some for cell in (_bound(verdict), _figure(verdict), _met(verdict))]
        rows.append((name.replace("`", ""), *cells))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def page(figures: Figures, verdicts: Sequence[Verdict], machine: dict[str, str], command: str) -> str:
    """Return docs/performance.md."""
    return (
        "\n\n".join(
            [
                "# Performance",
                _INTRODUCTION.format(command=command),
                "![Latency of a trivial job over a bare start](performance.svg)",
                "## Targets",
                _targets(verdicts),
                "## One job at a time",
                _ONE,
                _latencies(figures),
                "## Many jobs at once",
                _MANY.format(rate=figures.bare_rate),
                _throughput(figures),
                f"{figures.held.asked} requests to `/execute` at once, while every worker was busy: "
                f"{figures.held.waiting} jobs were seen waiting in the queue at one moment, "
                f"{figures.held.answered} were answered with a job, {figures.held.lost} connections lost.",
                "## What a job costs",
                _COST,
                _cpu(figures),
                _commands(figures),
                "## What the service costs",
                _SERVICE,
                _memory(figures),
                *_soak(figures),
                "## The machine",
                _table(
                    ["", ""],
                    [*map(list, machine.items()), ["load before the run", f"{figures.load_before:.1f}"]],
                ),
            ]
        )
        + "\n"
    )


def drawing(figures: Figures) -> str:
    """Return docs/performance.svg."""
    rows = {"bare start": _over(figures, latency.BARE), "jail, started cold": _over(figures, latency.COLD)}
    for isolation in figures.bursts.loads:
        rows[f"{isolation}, paced"] = _over(figures, f"{isolation} {latency.PACED}")
        rows[f"{isolation}, back to back"] = _over(figures, f"{isolation} {latency.BACK_TO_BACK}")
    title = "A trivial job over HTTP, in medians of a bare start of Python"
    return plot.bars(title, rows, ("p50", "p95", "p99"))


_INTRODUCTION = """\
Written by `{command}`; all figures are from one run of it. The unit is **bare**: starting the interpreter
that the jails run as `python3 -I -S -c pass`, alone. Machines differ and are noisy, so only ratios from
one run tell something. Two services are measured, one with `ISOLATION=slot` and one with
`ISOLATION=fresh`; both run all the time, and what is compared is interleaved in random order."""

_ONE = """\
Over HTTP on a kept-alive connection, from the first byte of the request to the last of the answer.
*Paced* jobs come 20 ms after the last answer, so that the next sandbox has had time to get ready; *back
to back* they come at once. The moderate job imports five modules and finds the primes below 20,000; bare,
it is the same program without the service. The workers have the commonly used part of the standard
library imported ahead, those five modules among it."""

_MANY = """\
Bursts of trivial jobs, each connection sending its next one at once, against {rate:.0f} bare starts per
second with one at a time on every core. The client is a process on the same machine: its CPU time is not
the service's, but the service has to do without it."""

_COST = """\
CPU milliseconds of one trivial job, user and system, from the process times in /proc over many jobs,
those of ended processes included. The kernel's own threads, which take namespaces apart, and the client
are not the service's processes and stand apart; the former are those of the whole machine."""

_SERVICE = """\
Seconds from the start to the line that says that the service is ready, and megabytes of the idle service;
memory that processes share is divided among them (PSS). A warm child is the process that waits for the
next job; its memory is what it shares with nobody."""


def _targets(verdicts: Sequence[Verdict]) -> str:
    rows = [
        [verdict.name, f"`{verdict.isolation}`", _figure(verdict), _bound(verdict), _met(verdict)]
        for verdict in verdicts
        if verdict.met is not None
    ]
    return _table(["", "isolation", "measured", "target", ""], rows)


def _latencies(figures: Figures) -> str:
    rows = []
    for name in figures.samples:
        spread = figures.spread(name)
        unit = latency.MODERATE_BARE if "moderate" in name else latency.BARE
        ratios = [f"{figures.over_bare(name, percent, unit):.2f}" for percent in (50, 95, 99)]
        shown = _NAMES.get(name) or f"`{name.partition(' ')[0]}`: {name.partition(' ')[2]}"
        rows.append([shown, *_three(spread), *ratios, str(spread.count)])
    head = ["", "p50 ms", "p95 ms", "p99 ms", "p50 over bare", "p95 over bare", "p99 over bare", "samples"]
    return _table(head, rows)


def _throughput(figures: Figures) -> str:
    rows = [
        [
            f"`{isolation}`",
            str(concurrency),
            f"{many.rate:.0f}",
            f"{many.over_bare:.2f}",
            *_three(many.took),
            f"{many.tail:.1f}",
            f"{many.client:.2f}",
        ]
        for isolation in figures.bursts.loads
        for concurrency, many in figures.many(isolation).items()
    ]
    head = "isolation|at once|jobs/s|over bare|p50 ms|p95 ms|p99 ms|p95 over p50|client's CPU, ms a job"
    return _table(head.split("|"), rows)


def _cpu(figures: Figures) -> str:
    rows = []
    for isolation, cost in figures.cost.items():
        for concurrency in cost.parts:
            parts = [f"{cost.parts[concurrency][part]:.2f}" for part in Part]
            apart = [f"{cost.kernel[concurrency]:.2f}", f"{cost.client[concurrency]:.2f}"]
            rows.append(
                [f"`{isolation}`", str(concurrency), *parts, f"**{cost.total(concurrency):.2f}**", *apart]
            )
    return _table(["isolation", "at once", *Part, "all", "kernel threads", "client"], rows)


def _commands(figures: Figures) -> str:
    lines = []
    for isolation, commands in figures.commands.items():
        sent, inside = sum(commands.sent.values()), sum(commands.inside.values())
        named = ", ".join(f"{name} {count:.1f}" for name, count in commands.sent.items() if count >= 0.05)
        lines.append(
            f"Redis, `{isolation}`: {sent:.1f} commands a job over connections, from both sides together "
            f"({named}), and {inside:.1f} more inside of scripts."
        )
    return "\n\n".join(lines)


def _memory(figures: Figures) -> str:
    rows = []
    for isolation, memory in figures.memory.items():
        parts = [f"{memory.resident[part]:.0f}" for part in Part]
        ready = f"{median(figures.ready[isolation]):.2f}"
        rows.append([f"`{isolation}`", ready, *parts, f"**{memory.total:.0f}**", f"{memory.child:.1f}"])
    return _table(["isolation", "ready, s", *Part, "all", "warm child"], rows)


def _soak(figures: Figures) -> Iterable[str]:
    for isolation, soak in figures.soak.items():
        left = ", ".join(f"{name} {count:+g}" for name, count in soak.left.items())
        yield (
            f"After {soak.jobs} jobs with `{isolation}`: {left}; memory of API and worker "
            f"{soak.before.memory:.1f} → {soak.after.memory:.1f} MB; median of the first "
            f"{soak.first:.2f} ms, of the last {soak.last:.2f} ms."
        )


def _over(figures: Figures, name: str) -> list[float]:
    return [figures.over_bare(name, percent) for percent in (50, 95, 99)]


def _three(spread: Spread) -> list[str]:
    return [f"{value:.1f}" for value in (spread.p50, spread.p95, spread.p99)]


def _figure(verdict: Verdict) -> str:
    return f"{verdict.figure:.2f} {verdict.unit}".strip()


def _bound(verdict: Verdict) -> str:
    return "" if verdict.bound is None else f"{'≥' if verdict.least else '≤'} {verdict.bound:g}"


def _met(verdict: Verdict) -> str:
    return {True: "met", False: "MISSED", None: ""}[verdict.met]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
