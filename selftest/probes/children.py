"""The children and threads of a job: their number is limited, and they end with the job."""

from functools import partial
from typing import Final

from jobs.limits import Limits
from jobs.outcome import ErrorType
from selftest.checks import all_of, ends_within, fails, returns
from selftest.probe import Probe, job
from selftest.probes.call_numbers import CALL_NUMBERS

_probe = partial(Probe, "children")

_FEW: Final = Limits(processes=8)

PROBES: Final = (
    _probe(
        "process-count-is-limited",
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
        "thread-count-is-limited",
        "start threads with 8 processes allowed",
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
        "fork-bomb-times-out",
        "fork in all processes for ever",
        "timeout within 3 s",
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
        all_of(fails(ErrorType.TIMEOUT), ends_within(3000)),
    ),
    _probe(
        "fork-bomb-does-not-delay-the-result",
        "return while a child forks for ever",
        "the result within 3 s",
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
        all_of(returns({"returned": True}), ends_within(3000)),
    ),
    _probe(
        "daemons-do-not-delay-the-result",
        "return while a daemon holds every descriptor",
        "the result within 3 s",
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
        all_of(returns({"returned": True}), ends_within(3000)),
    ),
    _probe(
        "clone-parent-children-do-not-delay-the-result",
        "clone with CLONE_PARENT; some children live at the end",
        "the result within 3 s",
        (
            job(
                """
                import ctypes, os, time
                CLONE_PARENT, SIGCHLD = 0x8000, 17
                def main(numbers):
                    clone = numbers["clone"][os.uname().machine]
                    libc = ctypes.CDLL(None, use_errno=True)
                    for number in range(8):
                        pid = libc.syscall(clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0)
                        if pid == 0:
                            time.sleep(60 * (number % 2))
                            os._exit(0)
                    return {"siblings": pid > 0}
                """,
                inputs={"numbers": CALL_NUMBERS},
            ),
        ),
        all_of(returns({"siblings": True}), ends_within(3000)),
    ),
    _probe(
        "forked-child-cannot-report",
        "fork in main and return in both processes",
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
        "orphans-are-reaped",
        "make 50 orphans with 8 processes allowed",
        "all are made: zombies do not use up the limit",
        (
            job(
                """
                import os, time
                def main():
                    made = 0
                    while made < 50:
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
                    return {"made": made}
                """,
                limits=_FEW,
            ),
        ),
        returns({"made": 50}),
    ),
)
