"""All probes of system calls."""

from selftest.probe import Probe
from selftest.probes.syscalls import entries, ipc, kernel, namespaces, processes, uncounted


def probes(machine: str) -> list[Probe]:
    """Return the probes of the calls that the architecture `machine` has."""
    families = (
        *namespaces.FAMILIES,
        *processes.FAMILIES,
        *kernel.FAMILIES,
        *ipc.FAMILIES,
        *uncounted.FAMILIES,
        *entries.FAMILIES,
    )
    found = [probe for family in families if (probe := family.probe(machine))]
    return [*found, entries.INT_0X80] if machine == "x86_64" else found
