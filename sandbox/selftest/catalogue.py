"""All probes."""

import platform

from sandbox.outcome import SandboxKind
from sandbox.selftest.probe import Probe
from sandbox.selftest.probes import (
    basics,
    calls,
    disk,
    ends,
    files,
    forgery,
    language,
    library,
    memory,
    network,
    output,
    persistence,
    processes,
    secrets,
    time,
)


def probes(kind: SandboxKind, machine: str | None = None) -> list[Probe]:
    """Return the probes that a sandbox of `kind` must withstand on `machine` (this one if not given)."""
    every = [
        *basics.PROBES,
        *files.PROBES,
        *secrets.PROBES,
        *network.PROBES,
        *processes.PROBES,
        *memory.PROBES,
        *time.PROBES,
        *disk.PROBES,
        *output.PROBES,
        *ends.PROBES,
        *forgery.PROBES,
        *persistence.PROBES,
        *calls.probes(machine or platform.machine()),
        *language.PROBES,
        *library.PROBES,
    ]
    return [probe for probe in every if kind in probe.kinds]
