"""The findings as a table for people, and as JSON."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final, Self, TextIO

from doctor.checks.sandboxes import JAIL, RESTRICTED
from doctor.finding import Finding, Status
from jobs.outcome import SandboxKind

_COLOURS: Final = {Status.OK: "32", Status.WARNING: "33", Status.FAILED: "31"}
_STATUS_WIDTH: Final = max(len(status) for status in Status)
_NAME_WIDTH: Final = 20
_ERASE_LINE: Final = "\r\x1b[K"


def sandbox(findings: Sequence[Finding]) -> SandboxKind | None:
    """Return the sandbox that a worker would take here; None if none works."""
    passed = {finding.name for finding in findings if finding.status is Status.OK}
    if JAIL in passed:
        return SandboxKind.NSJAIL
    return SandboxKind.RESTRICTED if RESTRICTED in passed else None


def exit_status(findings: Sequence[Finding]) -> int:
    """Return 0 if a jail ran and no check failed, else 1."""
    failed = any(finding.status is Status.FAILED for finding in findings)
    return 0 if sandbox(findings) is SandboxKind.NSJAIL and not failed else 1


def as_json(findings: Sequence[Finding]) -> str:
    """Return the findings as a JSON object."""
    document: dict[str, Any] = {"sandbox": sandbox(findings), "findings": list(map(asdict, findings))}
    return json.dumps(document, indent=2)


class Table:
    """Writes one finding after the other, for people."""

    def __init__(self, out: TextIO, *, coloured: bool) -> None:
        """Write nothing yet.

        Args:
            out: The stream to write to.
            coloured: Whether to colour the statuses.
        """
        self._out, self._coloured = out, coloured

    @classmethod
    def on(cls, out: TextIO) -> Self:
        """Return a table that is coloured if the stream is a terminal that shows colours."""
        plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
        return cls(out, coloured=out.isatty() and not plain)

    def add(self, finding: Finding) -> None:
        """Write one finding: a line, and a second one with the command that mends it."""
        status = f"{finding.status:<{_STATUS_WIDTH}}"
        if self._coloured:
            status = f"\x1b[{_COLOURS[finding.status]}m{status}\x1b[0m"
        self._out.write(f"{status}  {finding.name:<{_NAME_WIDTH}}  {_one_line(finding.found)}\n")
        if finding.mend:
            self._out.write(f"{'':{_STATUS_WIDTH}}  {'':{_NAME_WIDTH}}  mend: {_one_line(finding.mend)}\n")
        self._out.flush()

    def end(self, findings: Sequence[Finding]) -> None:
        """Write the line that sums up the findings."""
        counts = {status: sum(finding.status is status for finding in findings) for status in Status}
        warnings = f"{counts[Status.WARNING]} warning{'' if counts[Status.WARNING] == 1 else 's'}"
        self._out.write(
            f"\n{_verdict(findings)} {counts[Status.OK]} ok, {warnings}, {counts[Status.FAILED]} failed.\n"
        )
        self._out.flush()


def _verdict(findings: Sequence[Finding]) -> str:
    """Return a sentence about the sandbox that a worker would take here."""
    tried = {finding.name for finding in findings}
    if JAIL not in tried:
        return "No jail was tried."
    if (works := sandbox(findings)) is SandboxKind.NSJAIL:
        return "Jails work here."
    if works is SandboxKind.RESTRICTED:
        return "NO JAIL RAN HERE: jobs would run in the restricted executor."
    return "NO SANDBOX WORKS HERE: no worker would start." if RESTRICTED in tried else "NO JAIL RAN HERE."


class Progress:
    """Shows on a terminal which check is running."""

    def __init__(self, out: TextIO) -> None:
        """Show nothing if the stream is no terminal."""
        self._out = out if out.isatty() else None

    def show(self, name: str) -> None:
        """Show the name of the check that runs now."""
        self._write(f"{_ERASE_LINE}checking {name} …")

    def hide(self) -> None:
        """Remove the name again."""
        self._write(_ERASE_LINE)

    def _write(self, text: str) -> None:
        if self._out:
            self._out.write(text)
            self._out.flush()


def _one_line(text: str) -> str:
    """Return a text without line breaks and control characters, which could change a terminal."""
    return "".join(one if one.isprintable() else "?" for one in " ".join(text.split()))
