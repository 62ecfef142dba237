"""Samples of the resources that the service, Redis and the kernel hold at one moment."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

from harness.components import Component, find_processes
from harness.service import Service
from sandbox.jail import hierarchy

#: Each sampled resource, and the largest growth over the second half of a soak that does not count as a leak.
#:
#: MB: covers an allocator that has not settled and a hash table that doubles. A leak of 5 kB per job would be
#: 12 MB over the second half of five minutes at 15 jobs per second.
#: descriptors, threads, connections: a burst opens at most one set for each client, which stays open.
#: keys: jobs are created and expire with the load. One leaked key per job would be about 2000.
TOLERANCES: Final = {
    "api MB": 8.0,
    # A request has its client's connection, and a connection to Redis while it sends a command.
    "api descriptors": 32.0,
    "api threads": 16.0,
    "api processes": 0.5,
    "worker MB": 8.0,
    "worker descriptors": 6.0,
    "worker threads": 3.0,
    "worker processes": 0.5,
    "jail processes": 6.0,
    "redis keys": 60.0,
    "redis MB": 2.0,
    "redis connections": 16.0,
    "cgroups": 6.0,
    "files": 6.0,
}

_MB: Final = 1024 * 1024


def take_sample(service: Service) -> dict[str, float]:
    """Measure every resource of TOLERANCES once."""
    processes = find_processes(service).by_component
    memory, clients = service.redis.info("memory"), service.redis.info("clients")
    return {
        **_measure("api", processes[Component.API]),
        **_measure("worker", processes[Component.WORKER] + processes[Component.POOL]),
        "jail processes": len(processes[Component.SANDBOX]),
        "redis keys": service.redis.dbsize(),
        "redis MB": int(memory["used_memory"]) / _MB,
        "redis connections": int(clients["connected_clients"]),
        "cgroups": sum(1 for _ in _find_cgroups(service, processes[Component.WORKER])),
        "files": sum(1 for _ in service.folder.rglob("*")),
    }


def _measure(name: str, processes: Iterable[psutil.Process]) -> dict[str, float]:
    totals = {f"{name} {resource}": 0.0 for resource in ("MB", "descriptors", "threads", "processes")}
    for process in processes:
        with suppress(psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
            totals[f"{name} MB"] += _read_pss(process.pid) / _MB
            totals[f"{name} descriptors"] += process.num_fds()
            totals[f"{name} threads"] += process.num_threads()
            totals[f"{name} processes"] += 1
    return totals


def _read_pss(pid: int) -> int:
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = re.search(r"^Pss:\s+(\d+) kB$", text, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def _find_cgroups(service: Service, workers: Iterable[psutil.Process]) -> Iterator[Path]:
    for worker in workers:
        with suppress(FileNotFoundError, ProcessLookupError):
            for folder in hierarchy.of_process(worker.pid).unique_folders:
                for instance in service.instances():
                    yield from (folder / hierarchy.instance_name(instance)).rglob("cgroup.procs")
