"""Runs a probe in a sandbox."""

import time
from dataclasses import dataclass
from typing import Protocol

from jobs.job import Job
from jobs.outcome import Outcome
from sandbox.errors import SandboxFailure
from selftest.checks import describe
from selftest.probe import Probe


class Runs(Protocol):
    """The part of a sandbox that probes use."""

    def run(self, job: Job) -> Outcome:
        """Run `job` and return how it ended."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a probe has shown.

    held: whether the sandbox held. seen: a phrase. seconds: what it took.
    """

    probe: Probe
    held: bool
    seen: str
    seconds: float


def examine(sandbox: Runs, probe: Probe) -> Finding:
    """Run the jobs of `probe` and judge what became of them."""
    started = time.monotonic()
    seen: list[Outcome] = []
    fault: str | None = None
    try:
        seen.extend(sandbox.run(job) for job in probe.jobs)
    except SandboxFailure as failure:
        # No script may bring this about: it would be run again, and blamed on us.
        fault = f"the sandbox failed: {failure}"
    else:
        fault = probe.check(seen)
    took = time.monotonic() - started
    return Finding(probe, fault is None, describe(seen[-1]) if fault is None else fault, took)
