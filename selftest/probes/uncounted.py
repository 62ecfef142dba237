"""Kernel objects that no cgroup counts: a job makes none, or few of them.

Pipes, sockets, files, mappings and page tables are charged to the job's memory (see `memory`).
"""

from functools import partial
from typing import Final

from selftest.checks import any_of, returns, returns_between
from selftest.probe import Probe, job
from selftest.probes.call_numbers import CALL_NUMBERS
from selftest.probes.scripts import attempt_job

_probe = partial(Probe, "uncounted")

#: The limit on queued signals and POSIX timers, which nothing in a job has used before.
_SIGNALS: Final = 256

#: Tries that would harm nothing without a limit.
_TRIES: Final = 1000

_REFUSED: Final[dict[str, str]] = {
    **dict.fromkeys(("openat", "F_SETFL", "preadv2"), "EPERM"),
    **dict.fromkeys(("O_NONBLOCK", "flags"), "done"),
}

PROBES: Final = (
    _probe(
        "locks-lock-nothing",
        "lock files of the job and of the host with flock, lockf and OFD locks",
        "each call succeeds, and no other process sees a lock",
        (
            attempt_job(
                """
                import fcntl, struct
                LOCK = struct.Struct("hhqqi4x")
                PATHS = "/tmp/file", "/dev/null", "/dev/zero", "/dev/urandom", os.__file__, "/usr/bin/python3"
                def lock(fd, kind):
                    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    for command in (fcntl.F_SETLK, fcntl.F_OFD_SETLK):
                        fcntl.fcntl(fd, command, LOCK.pack(kind, 0, 0, 0, 0))
                def locks(fd):
                    # A process of the host may have locked a device.
                    return [fcntl.fcntl(fd, command, LOCK.pack(fcntl.F_WRLCK, 0, 0, 0, 0))
                            for command in (fcntl.F_GETLK, fcntl.F_OFD_GETLK)]
                def main():
                    os.close(os.open("/tmp/file", os.O_CREAT | os.O_RDWR))
                    answers = {}
                    for path in PATHS:
                        writable = path.startswith(("/tmp", "/dev/null", "/dev/zero"))
                        flags = os.O_RDWR if writable else os.O_RDONLY
                        first, second = os.open(path, flags), os.open(path, flags)
                        kind = fcntl.F_WRLCK if writable else fcntl.F_RDLCK
                        before = locks(second)
                        answers["set"] = [attempt(lock, first, kind), attempt(lock, second, kind)]
                        if answers["set"] != ["done", "done"]:
                            return {"path": path, **answers}
                        if os.fork() == 0:
                            os._exit(0 if locks(second) == before else 1)
                        if os.wait()[1]:
                            return {"path": path, "seen": True}
                    return {"locks": 0}
                """
            ),
        ),
        returns({"locks": 0}),
    ),
    _probe(
        "reads-never-bypass-the-cache-of-the-disk",
        "open a file of the library with O_DIRECT, set O_DIRECT, read with RWF_DONTCACHE",
        "EPERM for each; other flags can be set",
        (
            attempt_job(
                """
                import ctypes, fcntl
                def call(number, *arguments):
                    if ctypes.CDLL(None, use_errno=True).syscall(number, *arguments) < 0:
                        raise OSError(ctypes.get_errno(), "")
                def main(numbers):
                    machine = os.uname().machine
                    path = os.__file__
                    fd = os.open(path, os.O_RDONLY)
                    attempts = {
                        "openat": attempt(os.open, path, os.O_RDONLY | os.O_DIRECT),
                        "F_SETFL": attempt(fcntl.fcntl, fd, fcntl.F_SETFL, os.O_DIRECT),
                        "preadv2": attempt(call, numbers["preadv2"][machine], fd, None, 0, 0, 0, 0x80),
                        "O_NONBLOCK": attempt(fcntl.fcntl, fd, fcntl.F_SETFL, os.O_NONBLOCK),
                        "flags": attempt(os.preadv, fd, [bytearray(1)], 0, 0),
                    }
                    if number := numbers["open"][machine]:
                        attempts["open"] = attempt(call, number, path.encode(), os.O_DIRECT)
                    return attempts
                """,
                inputs={"numbers": CALL_NUMBERS},
            ),
        ),
        any_of(*(returns(_REFUSED | more) for more in ({}, {"open": "EPERM"}))),
    ),
    _probe(
        "crash-dumps-no-core",
        "let a child crash, read the limit on core files",
        "no core dump, a limit of 1",
        (
            job(
                """
                import os, resource, signal
                def main():
                    if (pid := os.fork()) == 0:
                        os.kill(os.getpid(), signal.SIGSEGV)
                    status = os.waitpid(pid, 0)[1]
                    limits = list(resource.getrlimit(resource.RLIMIT_CORE))
                    return {"dumped": os.WCOREDUMP(status), "limits": limits}
                """
            ),
        ),
        returns({"dumped": False, "limits": [1, 1]}),
    ),
    _probe(
        "queued-signals-are-bounded",
        f"queue {_TRIES} signals",
        f"at most {_SIGNALS}",
        (
            job(
                f"""
                import ctypes, os, signal
                def main():
                    libc = ctypes.CDLL(None)
                    signal.pthread_sigmask(signal.SIG_BLOCK, {{signal.SIGRTMIN}})
                    me, queued = os.getpid(), 0
                    for _ in range({_TRIES}):
                        queued += libc.sigqueue(me, signal.SIGRTMIN, ctypes.c_void_p(0)) == 0
                    return {{"queued": queued}}
                """
            ),
        ),
        returns_between(1, _SIGNALS, "queued"),
    ),
    _probe(
        "posix-timers-are-bounded",
        f"create {_TRIES} POSIX timers",
        f"at most {_SIGNALS}",
        (
            job(
                f"""
                import ctypes, os
                def main(numbers):
                    libc = ctypes.CDLL(None)
                    number = numbers["timer_create"][os.uname().machine]
                    timer, created = ctypes.c_int(), 0
                    for _ in range({_TRIES}):
                        created += libc.syscall(number, 1, None, ctypes.byref(timer)) == 0
                    return {{"created": created}}
                """,
                inputs={"numbers": CALL_NUMBERS},
            ),
        ),
        returns_between(1, _SIGNALS, "created"),
    ),
)
