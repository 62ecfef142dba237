"""A finding: the outcome of one probe in one sandbox."""

import time
from dataclasses import dataclass

from jobs.outcome import Outcome
from sandbox.errors import SandboxFailure
from sandbox.protocol import Sandbox
from selftest.checks import describe
from selftest.probe import Probe


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one probe in one sandbox.

    Attributes:
        probe: The probe.
        passed: Whether the sandbox withstood the attack.
        seen: A phrase about the outcome.
        seconds: The wall time of all jobs of the probe.
    """

    probe: Probe
    passed: bool
    seen: str
    seconds: float


def run_probe(sandbox: Sandbox, probe: Probe) -> Finding:
    """Run the jobs of `probe` in `sandbox` and check their outcomes."""
    started = time.monotonic()
    outcomes: list[Outcome] = []
    fault: str | None = None
    try:
        outcomes.extend(sandbox.run(job) for job in probe.jobs)
    except SandboxFailure as failure:
        # No script may cause this: the service would report a fault of its own and retry the job.
        fault = f"the sandbox failed: {failure}"
    else:
        fault = probe.check(outcomes)
    seconds = time.monotonic() - started
    return Finding(probe, fault is None, describe(outcomes[-1]) if fault is None else fault, seconds)
