"""The deadline and the CPU limit are the service's; nothing a script does moves them."""

from functools import partial
from typing import Final

from jobs.limits import Limits
from jobs.outcome import ErrorType
from selftest.checks import all_of, fails, prompt, returns, shows_nothing_of_ours
from selftest.probe import BOTH, Probe, job
from selftest.probes.prelude import attempts

_probe = partial(Probe, "time")

_SHORT: Final = Limits(timeout=0.4)
_TIMEOUT: Final = all_of(fails(ErrorType.TIMEOUT), prompt(2500))
_WALL: Final = all_of(fails(ErrorType.TIMEOUT, says="longer than its 0.4 s"), prompt(2500))

PROBES: Final = (
    _probe(
        "a-busy-loop-ends",
        "while True: pass",
        "timeout",
        (job("def main():\n    while True: pass", limits=_SHORT),),
        _TIMEOUT,
        BOTH,
    ),
    _probe(
        "a-busy-module-ends",
        "a loop before main is defined",
        "timeout",
        (job("while True: pass\ndef main(): return {}", limits=_SHORT),),
        _TIMEOUT,
        BOTH,
    ),
    _probe(
        "to-sleep-past-the-deadline-does-not-help",
        "time.sleep(60)",
        "timeout",
        (job("import time\ndef main(): time.sleep(60)", limits=_SHORT),),
        _WALL,
        BOTH,
    ),
    _probe(
        "to-catch-everything-does-not-help",
        "except BaseException around everything, for ever",
        "timeout",
        (
            job(
                """
                def main():
                    while True:
                        try:
                            while True: pass
                        except BaseException:
                            continue
                """,
                limits=_SHORT,
            ),
        ),
        _TIMEOUT,
        BOTH,
    ),
    _probe(
        "arithmetic-that-never-yields-ends",
        "a power of two billion bits, in C",
        "timeout or memory_limit",
        (job("def main():\n    return {'x': str(7 ** (7 ** 9))[:1]}", limits=_SHORT),),
        all_of(fails(ErrorType.TIMEOUT, ErrorType.MEMORY_LIMIT), prompt(2500)),
        BOTH,
    ),
    _probe(
        "a-pattern-that-never-ends-ends",
        "a regular expression that backtracks for ever",
        "timeout",
        (
            job(
                "import re\ndef main():\n    return {'x': bool(re.match('(a+)+$', 'a' * 60 + 'b'))}",
                limits=_SHORT,
            ),
        ),
        _TIMEOUT,
        BOTH,
    ),
    _probe(
        "no-signal-can-be-ignored-for-good",
        "ignore every signal and loop",
        "timeout",
        (
            job(
                """
                import signal
                def main():
                    for number in signal.valid_signals():
                        try:
                            signal.signal(number, signal.SIG_IGN)
                        except (OSError, ValueError):
                            pass
                    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
                    while True: pass
                """,
                limits=Limits(timeout=5, cpu=0.4),
            ),
        ),
        all_of(fails(ErrorType.TIMEOUT, says="CPU"), prompt(3000)),
    ),
    _probe(
        "cpu-time-of-children-counts",
        "burn 0.4 s of CPU in two children that take turns",
        "timeout, for CPU time",
        (
            job(
                """
                import os
                def main():
                    for _ in range(50):
                        if os.fork() == 0:
                            while os.times().user < 0.1: pass
                            os._exit(0)
                        os.wait()
                    return {"outlived": True}
                """,
                limits=Limits(timeout=10, cpu=0.4),
            ),
        ),
        all_of(fails(ErrorType.TIMEOUT, says="CPU"), prompt(5000)),
    ),
    _probe(
        "cpu-time-of-threads-counts",
        "hash in four threads at once",
        "timeout, for CPU time",
        (
            job(
                """
                import hashlib, threading
                def main():
                    for _ in range(3):
                        threading.Thread(target=hashlib.pbkdf2_hmac, args=("sha256", b"", b"", 10**8)).start()
                    hashlib.pbkdf2_hmac("sha256", b"", b"", 10**8)
                    return {"outlived": True}
                """,
                limits=Limits(timeout=10, cpu=0.4),
            ),
        ),
        all_of(fails(ErrorType.TIMEOUT, says="CPU"), prompt(5000)),
    ),
    _probe(
        "the-limit-of-cpu-time-cannot-be-raised",
        "setrlimit RLIMIT_CPU to infinity",
        "refused",
        (
            job("""
                import resource
                def main():
                    try:
                        resource.setrlimit(resource.RLIMIT_CPU, (-1, -1))
                    except ValueError as error:
                        return {"refused": str(error)}
                    return {"refused": None}
                """),
        ),
        returns({"refused": "not allowed to raise maximum limit"}),
    ),
    _probe(
        "running-out-of-cpu-time-cannot-be-feigned",
        "SIGXCPU to itself in an instant",
        "killed, not timeout",
        (job("import os\ndef main(): os.kill(os.getpid(), 24)"),),
        fails(ErrorType.KILLED, says="SIGXCPU"),
    ),
    _probe(
        "a-finaliser-is-not-waited-for",
        "sleep in __del__, atexit, a weakref callback",
        "the result, at once",
        (
            job("""
                import atexit, time, weakref
                class Slow:
                    def __del__(self): time.sleep(60)
                slow, watched = Slow(), Slow()
                weakref.finalize(slow, time.sleep, 60)
                atexit.register(time.sleep, 60)
                def main(): return {"returned": True}
                """),
        ),
        all_of(returns({"returned": True}), prompt(3000)),
    ),
    _probe(
        "a-thread-is-not-waited-for",
        "leave a thread that sleeps and one that loops",
        "the result, at once",
        (
            job("""
                import threading, time
                def loop():
                    while True: pass
                def main():
                    threading.Thread(target=time.sleep, args=(60,)).start()
                    threading.Thread(target=loop).start()
                    return {"returned": True}
                """),
        ),
        all_of(returns({"returned": True}), prompt(3000)),
    ),
    _probe(
        "stopped-children-hold-nothing-up",
        "stop children that hold every descriptor, and return",
        "the result, at once",
        (
            job("""
                import os
                def main():
                    for _ in range(5):
                        pid = os.fork()
                        if pid == 0:
                            while True: pass
                        os.kill(pid, 19)
                    return {"returned": True}
                """),
        ),
        all_of(returns({"returned": True}), prompt(3000)),
    ),
    _probe(
        "alarms-change-no-verdict",
        "raise from an alarm's handler every 0.1 ms",
        "an exception, exit or kill, nothing of ours in sight",
        (
            attempts("""
                import signal
                def main():
                    def handler(*_): raise RuntimeError("alarm")
                    signal.signal(signal.SIGALRM, handler)
                    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.0001)
                    while True: pass
                """),
        ),
        all_of(fails(ErrorType.EXCEPTION, ErrorType.EXIT, ErrorType.KILLED), shows_nothing_of_ours),
    ),
)
