"""The catalogue: all probes."""

import platform

from jobs.outcome import SandboxKind
from selftest.probe import Probe
from selftest.probes import (
    artifacts,
    basics,
    children,
    disk,
    exits,
    files,
    floods,
    job_socket,
    memory,
    network,
    output,
    persistence,
    processes,
    reports,
    secrets,
    time,
    uncounted,
)
from selftest.probes.escapes.catalogue import PROBES as ESCAPES
from selftest.probes.syscalls.catalogue import probes as syscall_probes


def all_probes(machine: str | None = None) -> list[Probe]:
    """Return every probe for the architecture `machine`, by default the architecture of this machine."""
    return [
        *basics.PROBES,
        *files.PROBES,
        *secrets.PROBES,
        *network.PROBES,
        *processes.PROBES,
        *children.PROBES,
        *memory.PROBES,
        *uncounted.PROBES,
        *time.PROBES,
        *disk.PROBES,
        *output.PROBES,
        *floods.PROBES,
        *artifacts.PROBES,
        *exits.PROBES,
        *reports.PROBES,
        *job_socket.PROBES,
        *persistence.PROBES,
        *syscall_probes(machine or platform.machine()),
        *ESCAPES,
    ]


def probes(kind: SandboxKind, machine: str | None = None) -> list[Probe]:
    """Return the probes that a sandbox of `kind` must withstand on `machine`."""
    return [probe for probe in all_probes(machine) if kind in probe.kinds]
