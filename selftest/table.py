"""The table of what the probes have shown."""

from collections.abc import Iterable, Sequence
from typing import Final, TextIO

from selftest.examine import Finding, Runs, examine
from selftest.probe import Probe

_HEAD: Final = ("area", "name", "tried", "expected", "seen", "", "time")
_SEEN: Final = 48


def run(sandbox: Runs, probes: Sequence[Probe], out: TextIO) -> int:
    """Run `probes` in `sandbox` and write a line for each to `out`; return 1 if one was missed, else 0."""
    widths = [
        max((len(text) for text in column), default=0)
        for column in zip(_HEAD[:4], *((p.area, p.name, p.tried, p.expected) for p in probes), strict=True)
    ]
    widths = [*widths, _SEEN, 4]
    _write(out, widths, _HEAD)
    missed = 0
    for probe in probes:
        finding = examine(sandbox, probe)
        missed += not finding.held
        _write(out, widths, _cells(finding))
        if not finding.held and len(finding.seen) > _SEEN:
            # Of a miss every word counts.
            out.write(f"    {finding.seen}\n")
    out.write(f"{len(probes)} probes, {missed} missed\n")
    return 1 if missed else 0


def _cells(finding: Finding) -> tuple[str, ...]:
    probe = finding.probe
    seen = " ".join(finding.seen.split())
    return (
        probe.area,
        probe.name,
        probe.tried,
        probe.expected,
        seen if len(seen) <= _SEEN else f"{seen[: _SEEN - 1]}…",
        "ok" if finding.held else "MISS",
        f"{finding.seconds:.2f} s",
    )


def _write(out: TextIO, widths: Iterable[int], cells: Sequence[str]) -> None:
    padded = [cell.ljust(width) for cell, width in zip(cells, widths, strict=False)]
    out.write("  ".join([*padded, *cells[len(padded) :]]).rstrip() + "\n")
    out.flush()
