"""All probes."""

import platform

from jobs.outcome import SandboxKind
from selftest.probe import Probe
from selftest.probes import (
    basics,
    disk,
    exits,
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
    syscalls,
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
        *exits.PROBES,
        *forgery.PROBES,
        *persistence.PROBES,
        *syscalls.probes(machine or platform.machine()),
        *language.PROBES,
        *library.PROBES,
    ]
    return [probe for probe in every if kind in probe.kinds]
