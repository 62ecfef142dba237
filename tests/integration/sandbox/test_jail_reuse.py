"""Many jobs under one nsjail process: jails are replaced, and a job sees no data of another job."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import psutil
import pytest

from jobs.job import Job
from jobs.limits import Limits
from sandbox.errors import SandboxFailure
from sandbox.isolation import Isolation
from sandbox.jail.program import FRESH_GUEST
from sandbox.jail.sandbox import NsjailSandbox
from tests.support.checkout import ROOT
from tests.support.jail import nsjail_sandbox
from tests.support.scripts import run_script
from tests.support.wait import eventually

_TRIVIAL = Job("def main(): return {'a': 1}")


def _jails() -> set[int]:
    return {child.pid for child in psutil.Process().children() if child.name() == "nsjail"}


def _kill_jails(pids: set[int]) -> None:
    """Kill nsjail processes and wait until the processes in their jails have ended."""
    for pid in pids:
        inside = psutil.Process(pid).children(recursive=True)
        os.kill(pid, signal.SIGKILL)
        psutil.wait_procs(inside, timeout=10)


def test_jail_is_replaced_after_its_number_of_jobs(recycling: NsjailSandbox) -> None:
    before = _jails()
    seen = []
    for _ in range(9):
        assert recycling.run(_TRIVIAL).result == {"a": 1}
        seen.append(frozenset(_jails() - before))
    assert len(set().union(*seen)) >= 3
    eventually(lambda: len(_jails() - before) == 1, within=10, what="one jail is left")


def test_sandbox_recovers_when_its_jails_are_killed(recycling: NsjailSandbox) -> None:
    before = _jails()
    recycling.run(_TRIVIAL)
    recycling.prepare()
    ready = recycling._environments["stdlib"]._ready
    assert len(ready) == recycling._environments["stdlib"]._ahead
    # A jail whose nsjail is killed before its init has asked for a signal at nsjail's death lives on.
    for waiting in ready:
        waiting._session.wait_until_ready(10)
    _kill_jails(_jails() - before)
    # Each job that gets a killed jail fails; the worker would retry it.
    for _ in range(recycling._environments["stdlib"]._ahead):
        with pytest.raises(SandboxFailure):
            recycling.run(_TRIVIAL)
    assert recycling.run(_TRIVIAL).result == {"a": 1}
    _kill_jails(_jails() - before)
    assert recycling.run(_TRIVIAL).result == {"a": 1}, "no runner was waiting in it"


def test_job_fails_at_once_when_its_init_is_killed(recycling: NsjailSandbox) -> None:
    before = _jails()
    recycling.run(_TRIVIAL)

    def kill_inits() -> None:
        for pid in _jails() - before:
            for init in psutil.Process(pid).children():
                init.kill()

    timer = threading.Timer(0.5, kill_inits)
    timer.start()
    # Not a timeout, which would mean that the worker had waited for the deadline.
    with pytest.raises(SandboxFailure):
        run_script(recycling, "import time\ndef main(): time.sleep(30)", limits=Limits(timeout=20))
    timer.join()
    assert recycling.run(_TRIVIAL).result == {"a": 1}


def test_jails_do_not_accumulate_when_prepare_is_not_called(recycling: NsjailSandbox) -> None:
    recycling.prepare()
    before = _jails()
    for _ in range(6):
        assert recycling.run(_TRIVIAL).result == {"a": 1}
    assert len(_jails()) <= len(before) + 1


def test_jail_reports_once_when_its_guest_cannot_start(nsjail: None) -> None:
    with nsjail_sandbox(Isolation.FRESH) as sandbox:
        sandbox.run(_TRIVIAL)
        guest = Path(str(sandbox._environments["stdlib"]._pool._factory._config.root) + FRESH_GUEST)
        moved = guest.with_name("moved")
        guest.rename(moved)
        before = _jails()
        for _ in range(3):
            with contextlib.suppress(SandboxFailure):
                sandbox.run(_TRIVIAL)
        with pytest.raises(SandboxFailure, match=r"(?s)ended before it was ready.*FileNotFoundError"):
            sandbox.run(_TRIVIAL)
        sandbox.prepare()
        new = [psutil.Process(pid) for pid in _jails() - before]
        eventually(lambda: all(jail.children() for jail in new), within=10, what="jails are made")
        inits = {init.pid for jail in new for init in jail.children()}
        never = threading.Event()
        assert not never.wait(1)
        assert {init.pid for jail in new for init in jail.children()} == inits
        moved.rename(guest)
        with contextlib.suppress(SandboxFailure):
            sandbox.run(_TRIVIAL)
        with contextlib.suppress(SandboxFailure):
            sandbox.run(_TRIVIAL)
        assert sandbox.run(_TRIVIAL).result == {"a": 1}


def test_job_leaves_nothing_for_the_next_job_in_its_jail(recycling: NsjailSandbox) -> None:
    leave = """
        import ctypes, os, time, json
        def main():
            libc = ctypes.CDLL(None, use_errno=True)
            open("/tmp/left", "w").write("x")
            open("left", "w").write("x")
            libc.sethostname(b"left", 4)
            libc.shmget(1234, 4096, 0o1666)
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0: time.sleep(600)
                os._exit(0)
            json.left = os.left = True
            return {}
    """
    look = """
        import json, os, socket
        def main():
            alive = []
            for pid in range(1, 300):
                try:
                    os.kill(pid, 0)
                    alive.append(pid)
                except OSError: pass
            return {"tmp": os.listdir("/tmp"), "here": os.listdir("."), "alive": alive, "host": os.uname().nodename,
                    "left": hasattr(json, "left") or hasattr(os, "left"), "me": os.getpid()}
    """
    assert run_script(recycling, leave).error is None
    seen = run_script(recycling, look).result
    assert seen is not None
    # The init, itself, and in a slot its keeper.
    assert seen.pop("alive") in ([1, 2], [1, 2, 3])
    assert seen == {
        "tmp": ["script.py"],
        "here": ["script.py"],
        "host": "sandbox",
        "left": False,
        "me": 2,
    }


def test_job_cannot_use_the_system_calls_of_its_zygote(recycling: NsjailSandbox) -> None:
    outcome = run_script(
        recycling,
        """
        import ctypes
        def main():
            libc = ctypes.CDLL(None, use_errno=True)
            def tried(name, *args):
                return [getattr(libc, name)(*args), ctypes.get_errno()]
            return {"unshare": tried("unshare", 0x20000), "setns": tried("setns", 0, 0),
                    "mount": tried("mount", b"none", b"/tmp", b"tmpfs", 0, None)}
        """,
    )
    assert outcome.result == {"unshare": [-1, 1], "setns": [-1, 1], "mount": [-1, 1]}


def test_jobs_and_their_children_draw_different_random_numbers(recycling: NsjailSandbox) -> None:
    script = """
        import os, random
        def main():
            ours, theirs = os.pipe()
            if os.fork() == 0:
                os.write(theirs, str(random.getrandbits(64)).encode())
                os._exit(0)
            return {"drawn": [random.getrandbits(64), int(os.read(ours, 99))]}
    """
    drawn = [number for _ in range(4) for number in (run_script(recycling, script).result or {})["drawn"]]
    assert len(set(drawn)) == 8


def test_job_in_a_slot_sees_the_same_interpreter_state_as_in_a_fresh_jail(recycling: NsjailSandbox) -> None:
    outcome = run_script(
        recycling,
        """
        import gc, linecache, signal, sys
        def main():
            handled = {n.name: signal.getsignal(n) for n in signal.valid_signals() if hasattr(n, "name")}
            return {"handled": [name for name, how in handled.items() if how not in (0, 1)],
                    "blocked": len(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
                    "guest": [name for name in sys.modules if name.startswith("sandbox")],
                    "argv": sys.argv, "lines": [name for name in linecache.cache if name != "script.py"], "gc": gc.isenabled(),
                    "script": [name for name in sys.modules if name in ("warmup", "script", "__main__")]}
        """,
    )
    assert outcome.result == {
        "handled": ["SIGINT"],
        "blocked": 0,
        "guest": [],
        "argv": ["script.py"],
        "lines": [],
        "gc": True,
        "script": ["__main__"],
    }


def test_script_finds_nothing_of_a_warm_up(nsjail: None) -> None:
    look = Job("""
import gc, os, sys, threading
def is_open(fd):
    try: return bool(os.fstat(fd))
    except OSError: return False
def main():
    return {"files": os.listdir("/tmp"), "path": sys.path, "open": [fd for fd in range(256) if is_open(fd)],
            "threads": threading.active_count(), "garbage": gc.garbage, "trace": hasattr(sys, "last_exc"),
            "main": sorted(vars(sys.modules["__main__"])), "umask": os.umask(0), "folder": os.getcwd()}
""")
    seen = {}
    for isolation in Isolation:
        with nsjail_sandbox(isolation) as sandbox:
            seen[isolation] = sandbox.run(look).result or {}
    assert seen[Isolation.FRESH] == seen[Isolation.SLOT]
    assert seen[Isolation.FRESH]["files"] == ["script.py"]
    assert seen[Isolation.FRESH]["open"] == [0, 1, 2, 3]


def test_jobs_share_memory_layout_and_hash_seed_only_in_a_slot(nsjail: None) -> None:
    look = Job("def main(): return {'heap': id(object()), 'seed': hash('x')}")
    for isolation, differ in (Isolation.SLOT, 1), (Isolation.FRESH, 4):
        before = _jails()
        with nsjail_sandbox(isolation) as sandbox:
            seen = [sandbox.run(look).result or {} for _ in range(4)]
            assert len(_jails() - before) == 1
        assert {len({result[name] for result in seen}) for name in ("heap", "seed")} == {differ}


@pytest.mark.parametrize(("isolation", "size"), [(Isolation.SLOT, 5), (Isolation.FRESH, 6)])
def test_jails_end_when_their_worker_is_killed(nsjail: None, isolation: Isolation, size: int) -> None:
    script = (
        "import time\nfrom sandbox.isolation import Isolation\nfrom tests.support.jail import nsjail_sandbox\n"
        f"with nsjail_sandbox(Isolation.{isolation.name}) as sandbox:\n    sandbox.prepare()\n"
        "    print('ready', flush=True)\n    time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=ROOT) as worker:
        assert worker.stdout is not None
        worker.stdout.readline()
        # SLOT: nsjail, zygote, sleeper, keeper and runner. FRESH: nsjail, init and runner, twice.
        family = eventually(partial(_family, worker.pid, size), within=10, what="the next jails are ready")
        worker.kill()
    assert psutil.wait_procs(family, timeout=10)[1] == []


def _family(pid: int, size: int) -> list[psutil.Process]:
    family = psutil.Process(pid).children(recursive=True)
    return family if len(family) >= size else []
