"""A job sees and touches its own processes, as many as it may have."""

# A script may have long lines.
# ruff: noqa: E501

from functools import partial
from typing import Final

from jobs.limits import Limits
from jobs.outcome import ErrorType
from selftest.checks import all_of, answers, fails, in_turn, prompt, returns
from selftest.probe import Probe, job
from selftest.probes.prelude import attempts

_probe = partial(Probe, "processes")

_FEW: Final = Limits(processes=8)

PROBES: Final = (
    _probe(
        "no-process-of-the-machine",
        "signal 0 to pids 1 to 70,000",
        "itself and its init answer",
        (
            attempts("""
                def main():
                    there = [pid for pid in range(1, 70_000) if attempt(os.kill, pid, 0) != "ESRCH"]
                    return {"there": len(there), "init": there[0], "parent": os.getppid() <= 1, "me": os.getpid() in there}
                """),
        ),
        returns({"there": 2, "init": 1, "parent": True, "me": True}),
    ),
    _probe(
        "init-cannot-be-ended",
        "every signal to pid 1, three ways",
        "the job goes on to its result",
        (
            attempts("""
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
        "killing-everyone-kills-nobody-else",
        "SIGKILL to -1, with a child",
        "the child dies, the job goes on to its result",
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
        "killing-the-group-kills-the-job",
        "SIGTERM to its own process group",
        "killed by SIGTERM, and nobody else",
        (job("import os\ndef main():\n    os.kill(0, 15)\n    return {}"),),
        fails(ErrorType.KILLED, says="SIGTERM"),
    ),
    _probe(
        "a-session-of-its-own",
        "compare its session and group with init's",
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
        "children-are-counted",
        "fork with 8 processes allowed",
        "EAGAIN after 7",
        (
            job(
                """
                import errno, os, signal
                def main():
                    children = []
                    try:
                        while len(children) < 100:
                            pid = os.fork()
                            if pid == 0:
                                signal.pause()
                            children.append(pid)
                    except OSError as error:
                        return {"children": len(children), "error": errno.errorcode[error.errno]}
                    return {"children": len(children)}
                """,
                limits=_FEW,
            ),
        ),
        returns({"children": 7, "error": "EAGAIN"}),
    ),
    _probe(
        "threads-are-counted",
        "start threads with 8 allowed",
        "refused after 7",
        (
            job(
                """
                import threading
                def main():
                    stop = threading.Event()
                    started = 0
                    try:
                        while started < 100:
                            threading.Thread(target=stop.wait).start()
                            started += 1
                    except RuntimeError as error:
                        return {"started": started, "error": str(error)}
                    finally:
                        stop.set()
                    return {"started": started}
                """,
                limits=_FEW,
            ),
        ),
        returns({"started": 7, "error": "can't start new thread"}),
    ),
    _probe(
        "a-fork-bomb-burns-out",
        "fork in all processes for ever",
        "timeout, all gone in time",
        (
            job(
                """
                import os
                def main():
                    while True:
                        try:
                            os.fork()
                        except OSError:
                            pass
                """,
                limits=Limits(timeout=0.5),
            ),
        ),
        all_of(fails(ErrorType.TIMEOUT), prompt(3000)),
    ),
    _probe(
        "a-fork-bomb-with-a-result-is-cleared-away",
        "leave a bomb of children behind and return",
        "the result, and nothing waits",
        (
            job("""
                import os
                def main():
                    if os.fork() == 0:
                        os.setsid()
                        while True:
                            try:
                                os.fork()
                            except OSError:
                                pass
                    return {"returned": True}
                """),
        ),
        all_of(returns({"returned": True}), prompt(3000)),
    ),
    _probe(
        "a-grandchild-with-a-session-of-its-own-ends-too",
        "daemonise a sleeper that holds every descriptor",
        "the result, and nothing waits",
        (
            job("""
                import os, time
                def main():
                    if os.fork() == 0:
                        os.setsid()
                        if os.fork() == 0:
                            time.sleep(60)
                        os._exit(0)
                    os.wait()
                    return {"returned": True}
                """),
        ),
        all_of(returns({"returned": True}), prompt(3000)),
    ),
    _probe(
        "children-of-its-parent-end-too",
        "clone with CLONE_PARENT, some dead and some alive at the end",
        "the result, and nothing waits",
        (
            job("""
                import ctypes, os, time
                CLONE, CLONE_PARENT, SIGCHLD = {"x86_64": 56, "aarch64": 220}[os.uname().machine], 0x8000, 17
                def main():
                    libc = ctypes.CDLL(None, use_errno=True)
                    for number in range(8):
                        pid = libc.syscall(CLONE, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0)
                        if pid == 0:
                            time.sleep(60 * (number % 2))
                            os._exit(0)
                    return {"siblings": pid > 0}
                """),
        ),
        all_of(returns({"siblings": True}), prompt(3000)),
    ),
    _probe(
        "a-child-that-comes-back-has-no-say",
        "fork in main and return in both",
        "the parent's result",
        (
            job("""
                import os
                def main():
                    pid = os.fork()
                    if pid:
                        os.waitpid(pid, 0)
                    return {"child": pid == 0}
                """),
        ),
        returns({"child": False}),
    ),
    _probe(
        "orphans-in-crowds-are-reaped",
        "2,000 orphans, one after the other, with 8 allowed",
        "none is left as a zombie",
        (
            job(
                """
                import errno, os, time
                def main():
                    made = 0
                    ends = time.monotonic() + 4
                    while made < 2000 and time.monotonic() < ends:
                        try:
                            pid = os.fork()
                        except OSError:
                            time.sleep(0.001)
                            continue
                        if pid == 0:
                            try:
                                os.fork()
                            finally:
                                os._exit(0)
                        os.waitpid(pid, 0)
                        made += 1
                    return {"enough": made > 100}
                """,
                limits=Limits(processes=8),
            ),
        ),
        returns({"enough": True}),
    ),
    _probe(
        "init-s-limits-and-priority-are-its-own",
        "prlimit, scheduler and affinity of pid 1",
        "EPERM for each",
        (
            attempts("""
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
        answers("EPERM"),
    ),
    _probe(
        "another-program-is-locked-in-too",
        "execute an interpreter that tries again",
        "EPERM for each there, too",
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
        answers("EPERM"),
    ),
    _probe(
        "a-stopped-job-is-ended",
        "SIGSTOP to itself",
        "timeout",
        (
            job(
                "import os\ndef main():\n    os.kill(os.getpid(), 19)\n    return {}",
                limits=Limits(timeout=0.4),
            ),
        ),
        all_of(fails(ErrorType.TIMEOUT), prompt(2000)),
    ),
    _probe(
        "a-killed-job-is-called-killed",
        "SIGKILL, SIGSEGV, SIGABRT, SIGHUP to itself",
        "killed, by its name",
        tuple(
            job(
                f"import os, signal\ndef main():\n    signal.signal({n}, 0) if {n} != 9 else 0\n    os.kill(os.getpid(), {n})"
            )
            for n in (9, 11, 6, 1)
        ),
        in_turn(
            *(fails(ErrorType.KILLED, says=name) for name in ("SIGKILL", "SIGSEGV", "SIGABRT", "SIGHUP"))
        ),
    ),
)
