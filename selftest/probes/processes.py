"""Processes: a job sees only its own processes and cannot harm the jail's init."""

# A script may have long lines.
# ruff: noqa: E501

from functools import partial
from typing import Final

from jobs.limits import Limits
from jobs.outcome import ErrorType
from selftest.checks import all_of, ends_within, fails, in_order, returns, returns_between, returns_only
from selftest.probe import BOTH, Probe, job
from selftest.probes.scripts import attempt_job

_probe = partial(Probe, "processes")

_FEW: Final = Limits(processes=8)

PROBES: Final = (
    _probe(
        "host-processes-are-hidden",
        "send signal 0 to pids 1 to 70,000",
        "only itself, its init and in a slot its keeper exist",
        (
            attempt_job("""
                def main():
                    there = [pid for pid in range(1, 70_000) if attempt(os.kill, pid, 0) != "ESRCH"]
                    return {"few": len(there) <= 3, "init": there[0], "parent": os.getppid() <= 1, "me": os.getpid() in there}
                """),
        ),
        returns({"few": True, "init": 1, "parent": True, "me": True}),
    ),
    _probe(
        "clocks-of-host-processes-are-hidden",
        "read the CPU time of pids 1 to 70,000 by clock_gettime",
        "none, or those of the job, its init and its keeper",
        (
            job(
                """
                import time
                def main():
                    there = 0
                    for pid in range(1, 70_000):
                        try:
                            time.clock_gettime(~pid << 3 | 2)
                        except OSError:
                            continue
                        there += 1
                    return {"there": there}
                """
            ),
        ),
        returns_between(0, 3, "there"),
        BOTH,
    ),
    _probe(
        "init-cannot-be-killed",
        "send every signal to pid 1 in three ways",
        "the result",
        (
            attempt_job("""
                import signal
                def main():
                    handle = os.pidfd_open(1)
                    for number in sorted(signal.valid_signals()):
                        os.kill(1, number)
                        signal.pidfd_send_signal(handle, number)
                        attempt(os.killpg, 1, number)
                    return {"init": attempt(os.kill, 1, 0)}
                """),
        ),
        returns({"init": "done"}),
    ),
    _probe(
        "kill-all-reaches-only-the-jobs-processes",
        "send SIGKILL to pid -1 while a child exists",
        "the child dies; the result",
        (
            job("""
                import os, signal
                def main():
                    child = os.fork()
                    if child == 0:
                        signal.pause()
                    os.kill(-1, 9)
                    return {"child": os.WTERMSIG(os.waitpid(child, 0)[1])}
                """),
        ),
        returns({"child": 9}),
    ),
    _probe(
        "kill-of-its-own-group-reports-killed",
        "send SIGTERM to its own process group",
        "killed by SIGTERM",
        (job("import os\ndef main():\n    os.kill(0, 15)\n    return {}"),),
        fails(ErrorType.KILLED, message="SIGTERM"),
    ),
    _probe(
        "job-has-its-own-session",
        "compare its session and process group with init's",
        "its own, not init's",
        (
            job("""
                import os
                def main():
                    me = os.getpid()
                    return {"mine": [os.getsid(0) == me, os.getpgid(0) == me], "init": me in (os.getsid(1), os.getpgid(1))}
                """),
        ),
        returns({"mine": [True, True], "init": False}),
    ),
    _probe(
        "limits-of-init-cannot-be-changed",
        "change limits, scheduler, affinity of pid 1",
        "EPERM for each",
        (
            attempt_job("""
                import resource
                def main():
                    return {
                        "cpu": attempt(resource.prlimit, 1, resource.RLIMIT_CPU, (1, 1)),
                        "files": attempt(resource.prlimit, 1, resource.RLIMIT_NOFILE),
                        "affinity": attempt(os.sched_setaffinity, 1, {0}),
                        "scheduler": attempt(os.sched_setscheduler, 1, os.SCHED_IDLE, os.sched_param(0)),
                        "nice": attempt(os.setpriority, os.PRIO_PROCESS, 1, 19),
                    }
                """),
        ),
        returns_only("EPERM"),
    ),
    _probe(
        "executed-programs-keep-the-filter",
        "execute an interpreter that calls socket and unshare",
        "EPERM for each",
        (
            job("""
                import json, subprocess, sys
                SCRIPT = '''
                import ctypes, errno, json, socket
                libc = ctypes.CDLL(None, use_errno=True)
                def answer(call):
                    try:
                        call()
                    except OSError as error:
                        return errno.errorcode[error.errno]
                def unshare():
                    if libc.unshare(0x10000000):
                        raise OSError(ctypes.get_errno(), "")
                print(json.dumps({"socket": answer(socket.socket), "unshare": answer(unshare)}))
                '''
                def main():
                    ran = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True)
                    return json.loads(ran.stdout)
                """),
        ),
        returns_only("EPERM"),
    ),
    _probe(
        "stopped-job-times-out",
        "send SIGSTOP to itself",
        "timeout",
        (
            job(
                "import os\ndef main():\n    os.kill(os.getpid(), 19)\n    return {}",
                limits=Limits(timeout=0.4),
            ),
        ),
        all_of(fails(ErrorType.TIMEOUT), ends_within(2000)),
    ),
    _probe(
        "killed-job-names-the-signal",
        "send SIGKILL, SIGSEGV, SIGABRT, SIGHUP to itself",
        "killed, with the signal's name",
        tuple(
            job(
                f"import os, signal\ndef main():\n    signal.signal({n}, 0) if {n} != 9 else 0\n    os.kill(os.getpid(), {n})"
            )
            for n in (9, 11, 6, 1)
        ),
        in_order(
            *(fails(ErrorType.KILLED, message=name) for name in ("SIGKILL", "SIGSEGV", "SIGABRT", "SIGHUP"))
        ),
    ),
)
