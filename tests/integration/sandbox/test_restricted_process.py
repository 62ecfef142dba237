"""The processes of the restricted executor: the kernel's layer by itself, kills and cancellation."""

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from jobs.job import Job
from jobs.limits import Limits
from sandbox.errors import SandboxFailure
from sandbox.guest.init import KILL
from sandbox.restricted.sandbox import RestrictedSandbox
from tests.support.attempts import ATTEMPTS, REFUSALS, attempting
from tests.support.checkout import ROOT
from tests.support.scripts import error_of, run_script

#: The rooms that the sandbox imports.
_ROOMS = ("config", "jobs", "sandbox", "validation")


def test_init_is_kept_after_its_runner_was_killed(restricted: RestrictedSandbox) -> None:
    run_script(restricted, "def main(): return {}")
    before = {child.pid for child in psutil.Process().children()}
    error_of(run_script(restricted, "def main():\n    while True: pass", limits=Limits(timeout=0.2)))
    assert run_script(restricted, "def main(): return {'a': 1}").result == {"a": 1}
    assert {child.pid for child in psutil.Process().children()} == before


def test_late_kill_order_does_not_end_a_later_job_with_a_wrong_outcome(restricted: RestrictedSandbox) -> None:
    for _ in range(3):
        restricted.run(Job("def main(): return {}"))
        restricted.prepare()
        assert restricted._guest is not None
        restricted._guest.order(KILL)
        # The order kills the waiting runner, or arrives before the init has forked it.
        try:
            assert restricted.run(Job("def main(): return {'v': 1}")).result == {"v": 1}
        except SandboxFailure:
            assert restricted.run(Job("def main(): return {'v': 1}")).result == {"v": 1}


@pytest.fixture(scope="module")
def unguarded() -> Iterator[RestrictedSandbox]:
    """A sandbox without the language layer: scripts have the real `os`, `socket` and `ctypes`."""
    with closing(RestrictedSandbox(language=False)) as sandbox:
        yield sandbox


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_kernel_layer_alone_denies_the_attempt(unguarded: RestrictedSandbox, attempt: str) -> None:
    outcome = run_script(unguarded, attempting(attempt))
    assert outcome.error is None, outcome.error
    assert outcome.result is not None
    assert outcome.result["refused"] in REFUSALS, outcome.result


def test_kernel_layer_alone_hides_descriptors_environment_and_root(unguarded: RestrictedSandbox) -> None:
    outcome = run_script(
        unguarded,
        """
        import os, fcntl, resource
        def main():
            def is_open(fd):
                try: return fcntl.fcntl(fd, fcntl.F_GETFD) >= 0
                except OSError: return False
            return {
                "fds": [fd for fd in range(256) if is_open(fd)], "uid": os.getuid(), "gid": os.getgid(),
                "env": sorted(os.environ), "core": resource.getrlimit(resource.RLIMIT_CORE)[1],
            }
        """,
    )
    assert outcome.result is not None
    assert outcome.result["fds"] == [0, 1, 2, 3]
    assert outcome.result["env"] == ["LC_CTYPE", "TZ"]
    assert outcome.result["core"] == 1
    assert 0 not in (outcome.result["uid"], outcome.result["gid"])


def test_runner_and_init_end_when_the_worker_is_killed(restricted: RestrictedSandbox) -> None:
    script = (
        "from contextlib import closing\nfrom sandbox.restricted.sandbox import RestrictedSandbox\n"
        "import time\nsandbox = RestrictedSandbox()\nsandbox.dropped()\nprint('ready', flush=True)\ntime.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=ROOT) as worker:
        assert worker.stdout is not None
        worker.stdout.readline()
        family = psutil.Process(worker.pid).children(recursive=True)
        assert len(family) == 2
        worker.kill()
    assert psutil.wait_procs(family, timeout=10)[1] == []


def test_restricted_executor_works_when_the_worker_is_an_ordinary_user(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root to become another user")
    script = (
        "import json, sys\nsys.path.insert(0, sys.argv[1])\nfrom sandbox.restricted.sandbox import RestrictedSandbox\n"
        "from jobs.job import Job\nsandbox = RestrictedSandbox()\n"
        "print(sandbox.dropped(), sandbox.run(Job('def main(): return {\"a\": 1}')).result)\nsandbox.close()\n"
    )
    copy = _copy_for_all(tmp_path)
    command = [_system_python(), "-I", "-S", "-c", script, str(copy)]
    done = subprocess.run(
        command, user=1000, group=1000, extra_groups=[], capture_output=True, text=True, cwd="/", check=False
    )
    assert done.stdout.endswith("{'a': 1}\n"), done.stderr


def _copy_for_all(folder: Path) -> Path:
    """Copy the rooms that the sandbox imports to a folder that an ordinary user can read."""
    for path in (folder, *folder.parents):
        if path.stat().st_uid == os.geteuid() and path != Path("/"):
            path.chmod(path.stat().st_mode | 0o755)
    copy = folder / "copy"
    for name in _ROOMS:
        subprocess.run(["cp", "-r", str(ROOT / name), f"{copy}-{name}"], check=True)
    copy.mkdir()
    for name in _ROOMS:
        Path(f"{copy}-{name}").rename(copy / name)
    subprocess.run(["chmod", "-R", "a+rX", str(copy)], check=True)
    return copy


def _system_python() -> str:
    """Return an interpreter that every user can run, or skip the test."""
    recent = "import sys; sys.exit(sys.version_info < (3, 11))"
    for path in filter(os.path.exists, (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3")):
        with contextlib.suppress(PermissionError):
            if (
                subprocess.run(
                    [path, "-c", recent], user=1000, group=1000, extra_groups=[], check=False
                ).returncode
                == 0
            ):
                return path
    pytest.skip("no interpreter of 3.11 or newer that another user may run")


def test_cancel_kills_the_running_restricted_job_from_another_thread(restricted: RestrictedSandbox) -> None:
    ended = threading.Event()

    def cancel() -> None:
        # The first call may come before the job runs and the last one after its end. Neither has an effect.
        while not ended.wait(0.1):
            restricted.cancel()

    with ThreadPoolExecutor() as threads:
        cancelling = threads.submit(cancel)
        with pytest.raises(SandboxFailure):
            run_script(restricted, "def main():\n    while True: pass", limits=Limits(timeout=30))
        ended.set()
        cancelling.result()
    restricted.cancel()
    assert run_script(restricted, "def main(): return {}").result == {}
