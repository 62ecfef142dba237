"""The table of findings that the command prints."""

from collections.abc import Iterable, Sequence
from typing import Final, TextIO

from sandbox.protocol import Sandbox
from selftest.finding import Finding, run_probe
from selftest.probe import Probe

_HEAD: Final = ("area", "name", "tried", "expected", "seen", "", "time")
_SEEN_WIDTH: Final = 48


def run(sandbox: Sandbox, probes: Sequence[Probe], out: TextIO) -> int:
    """Run `probes` in `sandbox` and write one line for each to `out`.

    Returns:
        1 if a probe was missed, else 0.
    """
    widths = [
        max((len(text) for text in column), default=0)
        for column in zip(_HEAD[:4], *((p.area, p.name, p.tried, p.expected) for p in probes), strict=True)
    ]
    widths = [*widths, _SEEN_WIDTH, 4]
    _write(out, widths, _HEAD)
    missed = 0
    for probe in probes:
        finding = run_probe(sandbox, probe)
        missed += not finding.passed
        _write(out, widths, _cells(finding))
        if not finding.passed and len(finding.seen) > _SEEN_WIDTH:
            # The cell is cut, so write the whole text of a miss on a line of its own.
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
        seen if len(seen) <= _SEEN_WIDTH else f"{seen[: _SEEN_WIDTH - 1]}…",
        "ok" if finding.passed else "MISS",
        f"{finding.seconds:.2f} s",
    )


def _write(out: TextIO, widths: Iterable[int], cells: Sequence[str]) -> None:
    padded = [cell.ljust(width) for cell, width in zip(cells, widths, strict=False)]
    out.write("  ".join([*padded, *cells[len(padded) :]]).rstrip() + "\n")
    out.flush()
