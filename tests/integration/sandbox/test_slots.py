"""Many jobs under one process of nsjail, that see nothing of each other, and that break nothing for the next."""

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest

from jobs.job import Job
from jobs.limits import Limits
from jobs.outcome import ErrorType, Outcome
from sandbox.errors import SandboxFailure
from sandbox.isolation import Isolation
from sandbox.jail.root import FRESH_GUEST
from sandbox.jail.sandbox import NsjailSandbox
from tests.support.checkout import ROOT
from tests.support.jail import nsjail_sandbox
from tests.support.wait import eventually

_TRIVIAL = Job("def main(): return {'a': 1}")


@pytest.fixture(params=list(Isolation))
def slots(nsjail: None, request: pytest.FixtureRequest) -> Iterator[NsjailSandbox]:
    """A sandbox whose processes of nsjail serve three jobs each."""
    with nsjail_sandbox(request.param, slot_jobs=3) as sandbox:
        yield sandbox


def _run(sandbox: NsjailSandbox, script: str, **limits: float) -> Outcome:
    return sandbox.run(Job(textwrap.dedent(script), limits=Limits(**limits)))  # type: ignore[arg-type]


def _jails() -> set[int]:
    return {child.pid for child in psutil.Process().children() if child.name() == "nsjail"}


def test_a_slot_is_replaced_after_its_jobs_and_the_old_one_is_gone(slots: NsjailSandbox) -> None:
    before = _jails()
    seen = []
    for _ in range(9):
        assert slots.run(_TRIVIAL).result == {"a": 1}
        seen.append(frozenset(_jails() - before))
    assert len(set().union(*seen)) >= 3
    eventually(lambda: len(_jails() - before) == 1, within=10, what="one slot is left")


def test_after_its_jail_is_killed_the_sandbox_heals(slots: NsjailSandbox) -> None:
    before = _jails()
    slots.run(_TRIVIAL)
    slots.prepare()
    # One that has just been started may not have its name yet.
    eventually(lambda: len(_jails() - before) == slots._ahead, within=10, what="the next places are there")
    for pid in _jails() - before:
        os.kill(pid, signal.SIGKILL)
    # The job that meets a broken jail is told so, and is tried again by whoever asked.
    for _ in range(slots._ahead):
        with pytest.raises(SandboxFailure):
            slots.run(_TRIVIAL)
    assert slots.run(_TRIVIAL).result == {"a": 1}
    for pid in _jails() - before:
        inside = psutil.Process(pid).children(recursive=True)
        os.kill(pid, signal.SIGKILL)
        psutil.wait_procs(inside, timeout=10)
    assert slots.run(_TRIVIAL).result == {"a": 1}, "no place had been made in it"


def test_a_job_whose_init_is_killed_is_not_waited_for(slots: NsjailSandbox) -> None:
    before = _jails()
    slots.run(_TRIVIAL)

    def kill_inits() -> None:
        for pid in _jails() - before:
            for init in psutil.Process(pid).children():
                init.kill()

    timer = threading.Timer(0.5, kill_inits)
    timer.start()
    # Not a timeout: that would be said of a job which was let run.
    with pytest.raises(SandboxFailure):
        _run(slots, "import time\ndef main(): time.sleep(30)", timeout=20)
    timer.join()
    assert slots.run(_TRIVIAL).result == {"a": 1}


def test_a_place_that_nobody_waited_in_for_the_next_is_not_lost(slots: NsjailSandbox) -> None:
    slots.prepare()
    before = _jails()
    for _ in range(6):
        assert slots.run(_TRIVIAL).result == {"a": 1}
    assert len(_jails()) <= len(before) + 1


def test_a_jail_whose_interpreter_cannot_begin_says_so_once(nsjail: None) -> None:
    with nsjail_sandbox(Isolation.FRESH) as sandbox:
        sandbox.run(_TRIVIAL)
        guest = Path(f"{sandbox._places._jailer._jails.root}{FRESH_GUEST}")
        away = guest.with_name("away")
        guest.rename(away)
        before = _jails()
        for _ in range(3):
            with contextlib.suppress(SandboxFailure):
                sandbox.run(_TRIVIAL)
        with pytest.raises(SandboxFailure, match=r"(?s)ended before it was ready.*FileNotFoundError"):
            sandbox.run(_TRIVIAL)
        sandbox.prepare()
        new = [psutil.Process(pid) for pid in _jails() - before]
        eventually(lambda: all(one.children() for one in new), within=10, what="jails are made")
        inits = {init.pid for one in new for init in one.children()}
        bell = threading.Event()
        assert not bell.wait(1)
        assert {init.pid for one in new for init in one.children()} == inits
        away.rename(guest)
        with contextlib.suppress(SandboxFailure):
            sandbox.run(_TRIVIAL)
        with contextlib.suppress(SandboxFailure):
            sandbox.run(_TRIVIAL)
        assert sandbox.run(_TRIVIAL).result == {"a": 1}


def test_a_memory_hog_of_many_processes_ends_alone(slots: NsjailSandbox) -> None:
    hog = """
        import os
        def main():
            for _ in range(20):
                if os.fork() == 0: break
            data = bytearray(40 << 20)
            while True: pass
    """
    outcome = _run(slots, hog, timeout=5)
    assert outcome.error is not None
    assert outcome.error.type == ErrorType.MEMORY_LIMIT
    assert slots.run(_TRIVIAL).result == {"a": 1}


def test_a_limit_holds_for_its_job_only(slots: NsjailSandbox) -> None:
    grab = "def main():\n    bytearray(60 << 20)\n    return {}"
    assert _run(slots, grab, memory_mb=256).error is None
    small = _run(slots, grab, memory_mb=32)
    assert small.error is not None
    assert small.error.type == ErrorType.MEMORY_LIMIT
    assert _run(slots, grab, memory_mb=256).error is None


def test_memory_that_the_kernel_frees_late_is_not_the_next_jobs(slots: NsjailSandbox) -> None:
    # Each socket of the chain holds the next in an unread message: the kernel frees them one after the other.
    chain = """
        import array, os, socket
        def main():
            files = []
            for _ in range(3):
                files.append(os.memfd_create("x"))
                for _ in range(60): os.write(files[-1], bytes(1 << 20))
            def send(sock, fds):
                sock.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))])
            one, other = socket.socketpair()
            send(one, files)
            for fd in files: os.close(fd)
            one.close()
            last, length = other.detach(), 0
            try:
                for length in range(230):
                    one, other = socket.socketpair()
                    send(one, [last])
                    os.close(last)
                    one.close()
                    last = other.detach()
            except OSError:
                pass
            one, other = socket.socketpair()
            send(one, [last, other.fileno()])
            os.close(last)
            return {"long": length > 100}
    """
    fill = "def main():\n    return {'filled': len(b'x' * (150 << 20)) > 0}"
    for _ in range(3):
        assert _run(slots, chain).result == {"long": True}
        assert _run(slots, fill).result == {"filled": True}


def test_a_job_leaves_nothing_for_the_next_in_its_slot(slots: NsjailSandbox) -> None:
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
    assert _run(slots, leave).error is None
    seen = _run(slots, look).result
    assert seen == {"tmp": [], "here": [], "alive": [1, 2], "host": "sandbox", "left": False, "me": 2}


def test_names_left_in_the_kernels_caches_are_no_later_jobs_memory(slots: NsjailSandbox) -> None:
    fill = """
        import os
        def main():
            for number in range(100_000):
                try: os.stat("/usr/lib/" + str(number).rjust(245, "x"))
                except OSError: pass
            return {}
    """
    for _ in range(4):
        _run(slots, fill, timeout=30, cpu=30)
    outcome = _run(slots, "def main():\n    bytearray(300 << 20)\n    return {}", memory_mb=256)
    assert outcome.error is not None
    assert outcome.error.type == ErrorType.MEMORY_LIMIT


def test_a_hog_of_memory_without_a_process_harms_no_later_job(slots: NsjailSandbox) -> None:
    hog = """
        import os
        def main():
            while True:
                fd = os.memfd_create("x")
                for _ in range(60): os.write(fd, bytes(1 << 20))
    """
    for _ in range(3):
        outcome = _run(slots, hog)
        assert outcome.error is not None
        assert outcome.error.type == ErrorType.MEMORY_LIMIT
        assert slots.run(_TRIVIAL).result == {"a": 1}


def test_no_job_has_what_its_zygote_has(slots: NsjailSandbox) -> None:
    outcome = _run(
        slots,
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


def test_no_two_jobs_roll_the_same_dice_nor_do_their_children(slots: NsjailSandbox) -> None:
    script = """
        import os, random
        def main():
            ours, theirs = os.pipe()
            if os.fork() == 0:
                os.write(theirs, str(random.getrandbits(64)).encode())
                os._exit(0)
            return {"rolled": [random.getrandbits(64), int(os.read(ours, 99))]}
    """
    rolled = [number for _ in range(4) for number in (_run(slots, script).result or {})["rolled"]]
    assert len(set(rolled)) == 8


def test_a_nest_is_as_a_jail_for_one_job(slots: NsjailSandbox) -> None:
    outcome = _run(
        slots,
        """
        import gc, linecache, signal, sys
        def main():
            handled = {n.name: signal.getsignal(n) for n in signal.valid_signals() if hasattr(n, "name")}
            return {"handled": [name for name, how in handled.items() if how not in (0, 1)],
                    "blocked": len(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
                    "ours": [name for name in sys.modules if name.startswith("sandbox")],
                    "argv": sys.argv, "lines": [name for name in linecache.cache if name != "script.py"], "gc": gc.isenabled(),
                    "trial": [name for name in sys.modules if name in ("trial", "script")]}
        """,
    )
    assert outcome.result == {
        "handled": ["SIGINT"],
        "blocked": 0,
        "ours": [],
        "argv": ["script.py"],
        "lines": [],
        "gc": True,
        "trial": ["script"],
    }


def test_jobs_share_the_layout_and_the_seed_of_a_slot_only(nsjail: None) -> None:
    look = Job("def main(): return {'heap': id(object()), 'seed': hash('x')}")
    for isolation, differ in (Isolation.SLOT, 1), (Isolation.FRESH, 4):
        before = _jails()
        with nsjail_sandbox(isolation) as sandbox:
            seen = [sandbox.run(look).result or {} for _ in range(4)]
            assert len(_jails() - before) == 1
        assert {len({result[name] for result in seen}) for name in ("heap", "seed")} == {differ}


@pytest.mark.parametrize(("isolation", "size"), [(Isolation.SLOT, 4), (Isolation.FRESH, 6)])
def test_jails_die_with_their_worker(nsjail: None, isolation: Isolation, size: int) -> None:
    script = (
        "import time\nfrom sandbox.isolation import Isolation\nfrom tests.support.jail import nsjail_sandbox\n"
        f"with nsjail_sandbox(Isolation.{isolation.name}) as sandbox:\n    sandbox.prepare()\n"
        "    print('ready', flush=True)\n    time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=ROOT) as worker:
        assert worker.stdout is not None
        worker.stdout.readline()
        # nsjail, zygote, and the next job's process 1 and runner; or twice nsjail, init and runner.
        family = eventually(partial(_family, worker.pid, size), within=10, what="the next places are ready")
        worker.kill()
    assert psutil.wait_procs(family, timeout=10)[1] == []


def _family(pid: int, size: int) -> list[psutil.Process]:
    family = psutil.Process(pid).children(recursive=True)
    return family if len(family) >= size else []
