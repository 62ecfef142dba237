"""The processes of a running service, by what they are there for."""

from dataclasses import dataclass
from enum import StrEnum

import psutil

from bench.service import Service


class Part(StrEnum):
    """What a process is there for."""

    API = "API"
    WORKER = "worker, main process"
    POOL = "worker, pool"
    SANDBOX = "sandbox"
    REDIS = "Redis"
    RUN = "make run"


@dataclass(frozen=True, slots=True)
class Parts:
    """The processes by part; each is in one."""

    by_part: dict[Part, list[psutil.Process]]

    @property
    def all(self) -> list[psutil.Process]:
        """Every process."""
        return [process for some in self.by_part.values() for process in some]

    def waiting_runners(self) -> list[psutil.Process]:
        """Return the runners that wait for a job: the last of each line of descent in a sandbox.

        In a nest there is an older one beside it: its process 1, which shares the zygote's memory.
        """
        families = [process.children() for process in self.by_part[Part.SANDBOX]]
        last = [family for family in families if family and not any(child.children() for child in family)]
        return [max(family, key=lambda child: (child.create_time(), child.pid)) for family in last]


def parts(service: Service) -> Parts:
    """Look at the processes as they are now."""
    found: dict[Part, list[psutil.Process]] = {part: [] for part in Part}
    _sort(service.root, Part.RUN, found)
    return Parts(found)


def _sort(process: psutil.Process, above: Part, found: dict[Part, list[psutil.Process]]) -> None:
    try:
        part = _part(process, above)
        children = process.children()
    except psutil.NoSuchProcess:
        return
    found[part].append(process)
    for child in children:
        _sort(child, part, found)


def _part(process: psutil.Process, above: Part) -> Part:
    """Return the part of a process, by its command and the part of its parent."""
    if above is Part.SANDBOX or process.name() == "nsjail":
        return Part.SANDBOX
    if above in (Part.WORKER, Part.POOL):
        return Part.POOL
    if above is not Part.RUN:
        return above
    words = process.cmdline()
    if "gunicorn" in words:
        return Part.API
    if "worker" in words:
        return Part.WORKER
    return Part.REDIS if words and "valkey-server" in words[0] else Part.RUN


def cpu_seconds(service: Service) -> dict[Part, float]:
    """Return the CPU time of each part so far, of processes that have ended too.

    A process counts those of its children that it has reaped; the worker's are the sandbox's.
    """
    total = dict.fromkeys(Part, 0.0)
    for part, processes in parts(service).by_part.items():
        reaped_in = Part.SANDBOX if part in (Part.WORKER, Part.POOL) else part
        for process in processes:
            try:
                times = process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total[part] += times.user + times.system
            total[reaped_in] += times.children_user + times.children_system
    return total


def kernel_seconds() -> float:
    """Return the CPU time of the kernel's own threads, which take namespaces apart; all the machine's."""
    try:
        threads = psutil.Process(2).children()
    except psutil.NoSuchProcess:
        return 0.0
    return sum(sum(thread.cpu_times()[:2]) for thread in threads)
