"""After many jobs the machine is as it was."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from sandbox.jail import hierarchy
from tests.support.mounts import our_mounts
from tests.support.service import Service
from tests.support.wait import eventually

_SCRIPTS = (
    "def main(): return {'ok': True}",
    "def main(): 1/0",
    "import os, time\ndef main():\n    if os.fork() == 0: time.sleep(60)\n    return {}",
    "import os\ndef main():\n    os.fork()\n    os.kill(os.getpid(), 9)",
    "def main():\n    open('/tmp/file', 'w').write('x' * 100000)\n    return {}",
    "import threading, time\ndef main():\n    threading.Thread(target=time.sleep, args=(60,)).start()\n    os",
    "def main():\n    print('x' * 3_000_000)\n    return {}",
    "def main():\n    while True: pass",
)

#: The processes of a slot that waits for a job: nsjail, the zygote, the sleeper and the runner of its nest.
_AT_REST = 4

#: Descriptors of connections that a process makes when it first needs them. A leak would be one for each job.
_CONNECTIONS = 8


def _left(service: Service) -> dict[str, Any]:
    """Count everything a job could leave behind."""
    scratch = service.log.parent
    (instance,) = [path.name for path in scratch.glob("python-executor-*")]
    groups = [
        path
        for folder in hierarchy.detect().unique_folders
        for path in (folder / instance).rglob("*")
        if path.is_dir()
    ]
    worker = psutil.Process(service.worker.pid)
    pool = worker.children()
    return {
        "processes": len(worker.children(recursive=True)),
        "descriptors": [p.num_fds() for p in (worker, *pool)],
        "mounts": our_mounts(worker.pid),
        "cgroups": len(groups),
        "files": sorted(path for path in scratch.rglob("*") if "/root/" not in str(path)),
        "nsjail": sorted(Path("/tmp").glob("nsjail*")),
    }


def test_two_hundred_jobs_leave_nothing_behind(service: Service) -> None:
    def post(number: int) -> int:
        return service.execute(_SCRIPTS[number % len(_SCRIPTS)], limits={"timeout": 0.5}).status_code

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(post, range(16)))  # Every process and cache is there now.
        eventually(partial(_at_rest, service), within=10, what="each slot waits for its next job")
        before = _left(service)
        statuses = list(threads.map(post, range(200)))
    assert statuses.count(200) == 100
    assert statuses.count(422) == 100
    for what in before:
        eventually(partial(_as_before, service, before, what), within=10, what=f"{what} as before")


def _at_rest(service: Service) -> bool:
    pool = psutil.Process(service.worker.pid).children()
    return all(len(process.children(recursive=True)) == _AT_REST for process in pool)


def _as_before(service: Service, before: dict[str, Any], what: str) -> bool:
    left = _left(service)[what]
    if what == "descriptors":
        return all(now - then <= _CONNECTIONS for now, then in zip(left, before[what], strict=True))
    return bool(left == before[what])
