"""The report of a run: a table for the terminal, and the page and the plot for the documentation."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from bench import growth_report, latency, package_report, plot
from bench.figures import Figures
from bench.percentiles import Spread, median
from bench.profile import format_profile
from bench.targets import Verdict
from harness.components import Component
from harness.table import format_markdown, format_table
from sandbox.isolation import Isolation

SLOT, FRESH = Isolation.SLOT, Isolation.FRESH

_NAMES = {
    latency.BARE: "bare start",
    latency.SYSTEM: "bare start of `/usr/bin/python3`",
    latency.COLD: "the same in a new jail",
    latency.MODERATE_BARE: "moderate program, bare",
}


def format_terminal(verdicts: Sequence[Verdict]) -> str:
    """Return the figures and the targets as aligned text."""
    rows = []
    for name, some in groupby(verdicts, lambda verdict: verdict.name):
        cells = [
            cell
            for verdict in some
            for cell in (_format_bound(verdict), _format_figure(verdict), _format_outcome(verdict))
        ]
        rows.append((name.replace("`", ""), *cells))
    return format_table(("", "target", "slot", "", "target", "fresh", ""), rows)


def format_page(figures: Figures, verdicts: Sequence[Verdict], machine: Mapping[str, str]) -> str:
    """Return docs/explanation/performance.md."""
    waiting = figures.waiting
    return (
        "\n\n".join(
            [
                "# Performance",
                _format_summary(figures, machine),
                "## Targets",
                _format_count(verdicts),
                _format_targets(verdicts),
                "## How it was measured",
                _METHOD.format(runs=len(figures.runs)),
                "![Latency of a trivial job, in units of a bare start](performance.svg)",
                "## One job at a time",
                _ONE,
                _format_latencies(figures),
                "## Many jobs at once",
                _MANY.format(rate=figures.bare_rate),
                _format_throughput(figures),
                f"{waiting.asked} requests to `/execute` were sent at once while every worker was busy. "
                f"At most {waiting.waiting} jobs were seen in the queue at one time. "
                f"{waiting.answered} requests were answered with a job. {waiting.lost} connections broke.",
                "## Live output and files",
                _OUTPUT,
                _format_streams(figures),
                "## The cost of a job",
                _COST,
                _format_cpu(figures),
                *_format_commands(figures),
                "## What is left",
                _PROFILE,
                format_profile(figures.profile),
                "## Growth",
                *growth_report.format_section(figures.growth, figures.scaling),
                "## The cost of the service",
                _SERVICE,
                _format_memory(figures),
                *_format_soak(figures),
                "## Jobs with packages",
                *package_report.format_section(figures.packages),
                "## The machine",
                format_markdown(
                    ["", ""],
                    [*map(list, machine.items()), ["load before the run", f"{figures.load_before:.1f}"]],
                ),
            ]
        )
        + "\n"
    )


def draw_plot(figures: Figures) -> str:
    """Return docs/explanation/performance.svg."""
    rows = {
        "bare start": _divide_by_bare(figures, latency.BARE),
        "new jail": _divide_by_bare(figures, latency.COLD),
    }
    for isolation in Isolation:
        rows[f"{isolation}, paced"] = _divide_by_bare(figures, f"{isolation} {latency.PACED}")
        rows[f"{isolation}, back to back"] = _divide_by_bare(figures, f"{isolation} {latency.BACK_TO_BACK}")
    title = "A trivial job over HTTP, in units of the median bare start of Python"
    return plot.draw_bars(title, rows, ("p50", "p95", "p99"))


#: The text about missed targets, which people write.
_MISSED = "decisions/0006-few-steps-from-request-to-answer.md#what-the-missed-targets-would-take"

_SUMMARY = """\
A trivial script over HTTP takes {milliseconds:.1f} ms (median), {ratio:.2f} times as long as starting Python
alone on the same machine. With {cores} cores the service runs {slot:.0f} such scripts per second, or
{fresh:.0f} with a new jail for each script (`ISOLATION=fresh`). `make run` is ready after {ready:.1f} s, uses
{memory:.0f} MB while idle, and answered {answered} of {asked} requests that waited at the same time."""

_METHOD = """\
`make bench` wrote this page. The unit is **bare**: the time of starting the same interpreter that the jails
run, alone, as `python3 -I -S -c pass`. Machines differ and are noisy, so only ratios within one run are
comparable. A run starts two services, one with `ISOLATION=slot` and one with `ISOLATION=fresh`. It takes
samples of both services and of bare starts in turn, in rounds with a random order. Runs: {runs}, each with
new services; a figure is the median of the runs' own, which the table of targets shows too. Figures without
them are measured once. p50, p95 and p99 are percentiles: 95 of 100 jobs are no slower than p95.

`make bench AGAINST=DIR` compares two checkouts in the same way, in one run."""

_ONE = """\
The times are those of one request on a kept-alive connection, from its first byte to the last byte of the
answer. *Paced* jobs start 20 ms after the previous answer, so that the worker has time to prepare the next
sandbox. *Back to back* jobs start at once. The moderate job imports five modules and finds the primes below
20,000; its ratios are over the same program without the service. The workers have already imported the five
modules, as they have the other commonly used parts of the standard library."""

_MANY = """\
Each connection sends its next trivial job as soon as it has the answer of the last one. "Over bare" is the
rate over {rate:.0f} bare starts per second, with one start at a time on each core. The client is a process on
the same machine. Its CPU time is not part of the service's, but the service cannot use it."""

_OUTPUT = """\
The rows *print to client* and *file in and out* of the first table are of jobs whose output is streamed, and
of jobs with files. A print is timed from the call in the script to the arrival of its event at the client:
the script prints the time at irregular moments. A file of 1 MB is sent in base64 with a job that copies it;
the time ends with the last byte of the copy, which a second request asks for."""

_STREAMS = """\
{streams} streams were opened at the same time, each of a queued job of its own. They took {memory:.0f} MB of
memory in the API. Jobs of another key took {beside:.1f} ms (median) beside them, {ratio:.2f} times as long as
before and after."""

_COST = """\
CPU milliseconds of one trivial job, user and system, from the process times in /proc over many jobs. They
include processes that have ended. The kernel's own threads, which remove namespaces, and the client are not
part of the service and have columns of their own; the kernel threads are those of the whole machine, less
what they take while nothing runs. The last row is a bare start, measured in the same rounds."""

_PROFILE = """\
What one trivial job with `slot` takes of the machine by process, over many jobs, one at a time.
`make bench ARGS=--profile` prints this table alone. The processes of the job are those that the zygote forks
for it in the jail. The kernel does not tell the context switches of a process that has ended, and of system
calls it counts those that read or write; those of ended processes are in the row of the zygote."""

_SERVICE = """\
"Ready" is the time from the start to the line that says that the service is ready, in seconds. Memory is that
of the idle service in MB; memory that processes share is divided among them (PSS). "Waiting process" is a
process that waits for the next job, with only its private memory."""


def _format_summary(figures: Figures, machine: Mapping[str, str]) -> str:
    paced = f"{SLOT} {latency.PACED}"
    return _SUMMARY.format(
        milliseconds=figures.spread(paced).p50,
        ratio=figures.over_bare(paced, 50),
        cores=machine["cores"],
        slot=figures.by_concurrency(SLOT)[8].rate,
        fresh=figures.by_concurrency(FRESH)[8].rate,
        ready=figures.ready(SLOT),
        memory=figures.memory(SLOT).total,
        answered=figures.waiting.answered,
        asked=figures.waiting.asked,
    )


def _format_count(verdicts: Sequence[Verdict]) -> str:
    judged = [verdict for verdict in verdicts if verdict.met is not None]
    missed = sum(not verdict.met for verdict in judged)
    counted = f"The service misses {missed} of {len(judged)} targets."
    return f"{counted} [Decision 6]({_MISSED}) says what they would take." if missed else counted


def _format_targets(verdicts: Sequence[Verdict]) -> str:
    rows = [
        [
            verdict.name,
            f"`{verdict.isolation}`",
            _format_figure(verdict),
            _format_bound(verdict),
            _format_outcome(verdict),
            " ".join(f"{figure:.2f}" for figure in verdict.runs),
        ]
        for verdict in verdicts
        if verdict.met is not None
    ]
    return format_markdown(["", "isolation", "measured", "target", "outcome", "runs"], rows)


def _format_latencies(figures: Figures) -> str:
    rows = []
    for name in figures.samples:
        spread = figures.spread(name)
        unit = latency.MODERATE_BARE if "moderate" in name else latency.BARE
        ratios = [f"{figures.over_bare(name, percent, unit):.2f}" for percent in (50, 95, 99)]
        shown = _NAMES.get(name) or f"`{name.partition(' ')[0]}`: {name.partition(' ')[2]}"
        rows.append([shown, *_format_percentiles(spread), *ratios, str(spread.count)])
    head = ["", "p50 ms", "p95 ms", "p99 ms", "p50 over bare", "p95 over bare", "p99 over bare", "samples"]
    return format_markdown(head, rows)


def _format_throughput(figures: Figures) -> str:
    rows = [
        [
            f"`{isolation}`",
            str(concurrency),
            f"{burst.rate:.0f}",
            f"{burst.over_bare:.2f}",
            *_format_percentiles(burst.took),
            f"{burst.tail:.1f}",
            f"{burst.client:.2f}",
        ]
        for isolation in Isolation
        for concurrency, burst in figures.by_concurrency(isolation).items()
    ]
    head = "isolation|at once|jobs/s|over bare|p50 ms|p95 ms|p99 ms|p95 over p50|client CPU, ms per job"
    return format_markdown(head.split("|"), rows)


def _format_streams(figures: Figures) -> str:
    streams = figures.streams
    return _STREAMS.format(
        streams=streams.streams,
        memory=streams.memory,
        beside=median(streams.beside),
        ratio=streams.over_alone,
    )


def _format_cpu(figures: Figures) -> str:
    rows = []
    for isolation in Isolation:
        cost = figures.cost(isolation)
        for concurrency, components in cost.components.items():
            cells = [f"{components[component]:.2f}" for component in Component]
            apart = [f"{cost.kernel[concurrency]:.2f}", f"{cost.client[concurrency]:.2f}"]
            total = f"**{cost.total(concurrency):.2f}**"
            rows.append([f"`{isolation}`", str(concurrency), *cells, total, *apart])
    process, kernel = figures.bare_cpu
    rows.append(["bare start", "1", *("" for _ in Component), f"**{process:.2f}**", f"{kernel:.2f}", ""])
    return format_markdown(["isolation", "at once", *Component, "all", "kernel threads", "client"], rows)


def _format_commands(figures: Figures) -> Iterator[str]:
    for isolation, commands in figures.commands.items():
        sent, inside = sum(commands.sent.values()), sum(commands.inside.values())
        named = ", ".join(f"{name} {count:.1f}" for name, count in commands.sent.items() if count >= 0.05)
        yield (
            f"With `{isolation}`, the API and the worker together send {sent:.1f} commands to Redis for each "
            f"job ({named}). Their Lua scripts call {inside:.1f} more."
        )


def _format_memory(figures: Figures) -> str:
    rows = []
    for isolation in Isolation:
        memory = figures.memory(isolation)
        cells = [f"{memory.resident[component]:.0f}" for component in Component]
        ready = f"{figures.ready(isolation):.2f}"
        rows.append([f"`{isolation}`", ready, *cells, f"**{memory.total:.0f}**", f"{memory.child:.1f}"])
    return format_markdown(["isolation", "ready, s", *Component, "all", "waiting process"], rows)


def _format_soak(figures: Figures) -> Iterator[str]:
    for isolation, soak in figures.soak.items():
        increase = ", ".join(f"{name} {count:+g}" for name, count in soak.increase.items())
        yield (
            f"After {soak.jobs} jobs with `{isolation}` the service holds: {increase}. The private memory of "
            f"API and worker went from {soak.before.memory:.1f} to {soak.after.memory:.1f} MB. The median of "
            f"the first jobs was {soak.first:.2f} ms, of the last {soak.last:.2f} ms."
        )


def _divide_by_bare(figures: Figures, name: str) -> list[float]:
    return [figures.over_bare(name, percent) for percent in (50, 95, 99)]


def _format_percentiles(spread: Spread) -> list[str]:
    return [f"{value:.1f}" for value in (spread.p50, spread.p95, spread.p99)]


def _format_figure(verdict: Verdict) -> str:
    return f"{verdict.figure:.2f} {verdict.unit}".strip()


def _format_bound(verdict: Verdict) -> str:
    return "" if verdict.bound is None else f"{'≥' if verdict.least else '≤'} {verdict.bound:g}"


def _format_outcome(verdict: Verdict) -> str:
    if verdict.met is None:
        return ""
    share = verdict.missed_by
    if share is None:
        return "met"
    return f"missed by {share * 100:.0f} %" if share >= 0.01 else "missed by less than 1 %"
