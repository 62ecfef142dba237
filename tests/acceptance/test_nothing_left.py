"""Jobs leave no process, descriptor, mount, cgroup or file behind."""

import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from sandbox.jail import hierarchy
from tests.support.mounts import our_mounts
from tests.support.service import Service
from tests.support.wait import eventually

#: Only the timeout ends these.
_ENDLESS = (
    "import threading, time\ndef main():\n    threading.Thread(target=time.sleep, args=(60,)).start()\n    os",
    "def main():\n    while True: pass",
)
_SCRIPTS = (
    "def main(): return {'ok': True}",
    "def main(): 1/0",
    "import os, time\ndef main():\n    if os.fork() == 0: time.sleep(60)\n    return {}",
    "import os\ndef main():\n    os.fork()\n    os.kill(os.getpid(), 9)",
    "def main():\n    open('/tmp/file', 'w').write('x' * 100000)\n    return {}",
    "def main():\n    print('x' * 3_000_000)\n    return {}",
    *_ENDLESS,
)

#: The processes of a slot that waits for a job: nsjail, the zygote, and the sleeper, the keeper and the
#: runner of the per-job namespaces.
_IDLE_PROCESSES = 5

#: Connections that a process may open when it first needs them. A leak would be one descriptor for each job.
_LATE_CONNECTIONS = 8


def _resources(service: Service) -> dict[str, Any]:
    """Return the resources that a job could leave behind, by kind."""
    scratch = service.log.parent
    (instance,) = [path.name for path in scratch.glob("python-executor-*")]
    groups = [
        path
        for folder in hierarchy.of_process(service.worker.pid).unique_folders
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
        "nsjail": sorted(Path("/tmp").glob(f"nsjail.{os.getuid()}.*")),
    }


def test_200_jobs_leave_nothing_behind(service: Service) -> None:
    def post(number: int) -> int:
        script = _SCRIPTS[number % len(_SCRIPTS)]
        return service.execute(script, limits={"timeout": 0.5} if script in _ENDLESS else {}).status_code

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(post, range(16)))  # Now every process has started and every cache is filled.
        eventually(partial(_idle, service), within=10, what="each slot waits for its next job")
        before = _resources(service)
        statuses = list(threads.map(post, range(200)))
    assert statuses.count(200) == 100
    assert statuses.count(422) == 100
    for kind in before:
        eventually(partial(_same_as, before, service, kind), within=10, what=f"{kind} as before")


def _idle(service: Service) -> bool:
    pool = psutil.Process(service.worker.pid).children()
    return all(len(process.children(recursive=True)) == _IDLE_PROCESSES for process in pool)


def _same_as(before: dict[str, Any], service: Service, kind: str) -> bool:
    now = _resources(service)[kind]
    if kind == "descriptors":
        return all(
            count - earlier <= _LATE_CONNECTIONS for count, earlier in zip(now, before[kind], strict=True)
        )
    return bool(now == before[kind])
