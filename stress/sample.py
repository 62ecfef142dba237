"""Samples: what the processes of the service, Redis and the kernel hold at one moment."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

from sandbox.jail import hierarchy
from stress.service import Service

#: What is sampled, with how much more of it at the end of the judged half is no leak yet.
#:
#: MB: an allocator that is still settling, and a table that doubles. A leak of 5 kB a job is 12 MB in the
#: judged half of five minutes at 15 jobs a second.
#: descriptors, threads, connections: a burst opens some that are then kept, as many as there are clients.
#: keys: jobs and their expiry come and go with the load; a key left by each job would be 2000.
TOLERANCES: Final = {
    "api MB": 8.0,
    # A request that waits has two: its client and its own connection to Redis.
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


def sample(service: Service) -> dict[str, float]:
    """Measure everything of TOLERANCES once."""
    api, worker = service.parts["api"].pid, service.parts["worker 1"].pid
    assert api
    assert worker
    pool = [psutil.Process(worker), *psutil.Process(worker).children()]
    jails = [one for process in pool[1:] for one in _children(process)]
    memory, clients = service.redis.info("memory"), service.redis.info("clients")
    return {
        **_measured("api", [psutil.Process(api), *psutil.Process(api).children(recursive=True)]),
        **_measured("worker", pool),
        "jail processes": len(jails),
        "redis keys": service.redis.dbsize(),
        "redis MB": int(memory["used_memory"]) / _MB,
        "redis connections": int(clients["connected_clients"]),
        "cgroups": sum(1 for _ in _cgroups(service)),
        "files": sum(1 for _ in service.folder.rglob("*")),
    }


def _measured(name: str, processes: Iterable[psutil.Process]) -> dict[str, float]:
    found = {f"{name} {what}": 0.0 for what in ("MB", "descriptors", "threads", "processes")}
    for process in processes:
        with suppress(psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
            found[f"{name} MB"] += _pss(process.pid) / _MB
            found[f"{name} descriptors"] += process.num_fds()
            found[f"{name} threads"] += process.num_threads()
            found[f"{name} processes"] += 1
    return found


def _pss(pid: int) -> int:
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = re.search(r"^Pss:\s+(\d+) kB$", text, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def _children(process: psutil.Process) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return process.children(recursive=True)
    return []


def _cgroups(service: Service) -> Iterator[Path]:
    for place in hierarchy.detect().unique_folders:
        for one in service.instances():
            yield from (place / hierarchy.instance_name(one)).rglob("cgroup.procs")
