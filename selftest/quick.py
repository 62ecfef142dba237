"""The decisive probes, fast enough for the start of every worker."""

import platform
from typing import Final

from sandbox.errors import SandboxFailure
from selftest.examine import Runs, examine
from selftest.probe import Probe
from selftest.probes import basics, files, language, memory, network, processes, syscalls

#: What is run, as far as it is for that kind of sandbox; one that misses any of these runs no jobs.
NAMES: Final = (
    "an-ordinary-job-runs",
    "no-file-of-the-machine",
    "no-family-and-no-type-is-forgotten",
    "no-process-of-the-machine",
    "no-new-user-namespace",
    "one-large-object-is-too-much",
    "no-escape-by-open-a-file",
)


def check(sandbox: Runs) -> None:
    """Run the decisive probes in `sandbox`. Raises SandboxFailure at the first one missed."""
    first, *others = _probes()
    # What kind of sandbox it is, the first outcome says.
    outcome = sandbox.run(first.jobs[0])
    if fault := first.check([outcome]):
        raise SandboxFailure(f"the self-test job came out wrong: {fault}")
    for probe in others:
        if outcome.sandbox in probe.kinds:
            finding = examine(sandbox, probe)
            if not finding.held:
                raise SandboxFailure(f"the self-test {probe.name} was missed: {finding.seen}")


def _probes() -> list[Probe]:
    every = [
        *basics.PROBES,
        *files.PROBES,
        *network.PROBES,
        *processes.PROBES,
        *memory.PROBES,
        *syscalls.probes(platform.machine()),
        *language.PROBES,
    ]
    by_name = {probe.name: probe for probe in every}
    return [by_name[name] for name in NAMES]
