"""A job in a jail leaves nothing behind."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from jobs.limits import Limits
from sandbox.errors import SandboxFailure
from sandbox.isolation import Isolation
from sandbox.jail import hierarchy
from sandbox.jail.sandbox import NsjailSandbox
from tests.support.jail import nsjail_sandbox
from tests.support.mounts import our_mounts
from tests.support.scripts import run_script
from tests.support.wait import eventually, stable_value


def test_job_does_not_wait_for_daemon_threads_and_processes_it_leaves(sandbox: NsjailSandbox) -> None:
    for script in (
        "import threading, time\ndef main():\n    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n    return {}",
        "import os, time\ndef main():\n    if os.fork() == 0:\n        os.setsid()\n        if os.fork() == 0:\n            time.sleep(60)\n        os._exit(0)\n    return {}",
    ):
        # A job that waited would end with a timeout.
        assert run_script(sandbox, script).result == {}


def test_hundred_jobs_leave_no_process_descriptor_cgroup_mount_or_file(sandbox: NsjailSandbox) -> None:
    me = psutil.Process()

    def resources() -> dict[str, Any]:
        return {
            "processes": len(me.children(recursive=True)),
            "descriptors": me.num_fds(),
            "cgroups": len(
                [p for folder in hierarchy.detect().unique_folders for p in folder.glob(f"*/{me.pid}-*")]
            ),
            "mounts": our_mounts(me.pid),
            "files": sorted(path.name for path in Path("/tmp").glob("nsjail*")),
        }

    scripts = (
        "def main(): return {}",
        "def main(): 1/0",
        "import os\ndef main():\n    os.fork()\n    return {}",
    )
    run_script(sandbox, scripts[0])
    before = stable_value(resources)
    for number in range(100):
        run_script(sandbox, scripts[number % 3])
    assert stable_value(resources) == before


@pytest.mark.parametrize("isolation", list(Isolation))
def test_cancel_kills_the_running_job_from_another_thread(nsjail: None, isolation: Isolation) -> None:
    # The shared sandboxes may be making their next jails ready.
    before = stable_value(lambda: set(psutil.Process().children(recursive=True)))
    with nsjail_sandbox(isolation) as sandbox:
        killed: set[psutil.Process] = set()

        def cancel() -> None:
            eventually(lambda: sandbox._running is not None, within=10, what="the job runs")
            killed.update(set(psutil.Process().children(recursive=True)) - before)
            sandbox.cancel()

        with ThreadPoolExecutor() as threads:
            cancelling = threads.submit(cancel)
            with pytest.raises(SandboxFailure):
                run_script(sandbox, "import time\ndef main(): time.sleep(60)", limits=Limits(timeout=30))
            cancelling.result()
        assert killed
        assert psutil.wait_procs(killed, timeout=5)[1] == []
        assert run_script(sandbox, "def main(): return {}").result == {}


def test_cancel_does_nothing_when_no_job_runs(sandbox: NsjailSandbox) -> None:
    assert run_script(sandbox, "def main(): return {}").result == {}
    sandbox.cancel()
    assert run_script(sandbox, "def main(): return {}").result == {}
