"""The memory and the CPUs of this host or container, compared with what WORKERS jobs may use."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from config.settings import Settings
from doctor.finding import Finding
from doctor.process import PROC
from jobs.limits import MB
from sandbox.jail import hierarchy

#: Memory of a worker besides its jobs (docs/how-to/sizing.md).
_WORKER_BYTES: Final = 512 * MB


@dataclass(frozen=True, slots=True)
class Resources:
    """What the processes of this host or container may use together.

    Attributes:
        memory: Bytes of memory.
        cpus: CPUs; a quota may be a fraction.
    """

    memory: int
    cpus: float

    @classmethod
    def read(cls, proc: Path = PROC) -> Self:
        """Return what the machine has, or less where a cgroup limits it."""
        (total,) = (
            int(line.split()[1]) * 1024
            for line in (proc / "meminfo").read_text().splitlines()
            if line.startswith("MemTotal:")
        )
        folders = hierarchy.detect().folders
        memory, cpus = float(total), float(len(os.sched_getaffinity(0)))
        for folder in _up(folders.get("memory")):
            for name in ("memory.max", "memory.limit_in_bytes"):
                memory = min(memory, _number(folder / name))
        for folder in _up(folders.get("cpu")):
            cpus = min(cpus, _quota(folder))
        return cls(int(memory), cpus)


def examine(settings: Settings) -> Iterator[Finding]:
    """Check that WORKERS jobs of the greatest size have room at once."""
    yield from judge(settings, Resources.read())


def judge(settings: Settings, resources: Resources) -> Iterator[Finding]:
    """Yield the findings for a host with these resources."""
    workers, largest = settings.workers, settings.memory_mb_max
    needed = workers * largest * MB + _WORKER_BYTES
    found = (
        f"{resources.memory // MB} MB; WORKERS={workers} jobs of MEMORY_MB_MAX={largest} and the worker need "
        f"{needed // MB}"
    )
    if needed > resources.memory:
        fitting = max(1, (resources.memory - _WORKER_BYTES) // (largest * MB))
        yield Finding.warning(
            "memory", found, f"WORKERS={fitting} python-executor worker  # or a lower MEMORY_MB_MAX"
        )
    else:
        yield Finding.ok("memory", found)
    wanted = workers * settings.job_cpus
    found = f"{resources.cpus:g}; WORKERS={workers} jobs of JOB_CPUS={settings.job_cpus:g} use {wanted:g}"
    if wanted > resources.cpus:
        fitting = max(1, int(resources.cpus / settings.job_cpus))
        yield Finding.warning(
            "cpus",
            f"{found}: jobs that compute reach their time limit earlier",
            f"WORKERS={fitting} python-executor worker",
        )
    else:
        yield Finding.ok("cpus", found)


def _up(folder: Path | None) -> Iterator[Path]:
    """Yield a cgroup and the cgroups above it."""
    while folder is not None and (folder / hierarchy.PROCS).exists():
        yield folder
        folder = folder.parent


def _number(file: Path) -> float:
    """Return the number in a file; infinity if there is none."""
    try:
        return float(file.read_text())
    except (OSError, ValueError):
        return float("inf")


def _quota(folder: Path) -> float:
    """Return the CPUs that a cgroup allows."""
    try:
        quota, period = map(float, (folder / "cpu.max").read_text().split())
    except (OSError, ValueError):
        quota, period = _number(folder / "cpu.cfs_quota_us"), _number(folder / "cpu.cfs_period_us")
    return quota / period if 0 < quota < float("inf") else float("inf")
