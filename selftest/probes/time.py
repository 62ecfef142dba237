"""The deadline and the CPU limit: a script cannot change or outlive them."""

from functools import partial
from typing import Final

from jobs.limits import Limits
from jobs.outcome import ErrorType
from selftest.checks import all_of, ends_within, fails, in_order, names_no_service_file, returns
from selftest.probe import BOTH, Check, Probe, job
from selftest.probes.scripts import attempt_job

_probe = partial(Probe, "time")

_SHORT: Final = Limits(timeout=0.4)
_TIMEOUT: Final = all_of(fails(ErrorType.TIMEOUT), ends_within(2500))
_WALL: Final = all_of(fails(ErrorType.TIMEOUT, message="longer than its 0.4 s"), ends_within(2500))


def _times_out(name: str, tried: str, script: str, check: Check = _TIMEOUT) -> Probe:
    """Return a probe whose script runs on after its deadline of 0.4 s."""
    return _probe(name, tried, "timeout", (job(script, limits=_SHORT),), check, BOTH)


def _uses_too_much_cpu(name: str, tried: str, script: str) -> Probe:
    """Return a probe whose script uses more than its 0.4 s of CPU time, before its deadline of 10 s."""
    jobs = (job(script, limits=Limits(timeout=10, cpu=0.4)),)
    check = all_of(fails(ErrorType.TIMEOUT, message="CPU"), ends_within(5000))
    return _probe(name, tried, "timeout that names the CPU time", jobs, check)


def _returns_in_time(name: str, tried: str, script: str) -> Probe:
    """Return a probe whose script returns, but leaves threads, children or handlers that delay the end."""
    check = all_of(returns({"returned": True}), ends_within(3000))
    return _probe(name, tried, "the result within 3 s", (job(script),), check)


PROBES: Final = (
    _times_out(
        "busy-loop-times-out",
        "loop for ever in main",
        "def main():\n    while True: pass",
    ),
    _times_out(
        "busy-module-body-times-out",
        "loop for ever before main is defined",
        "while True: pass\ndef main(): return {}",
    ),
    _times_out(
        "sleep-times-out",
        "sleep for 60 s",
        "import time\ndef main(): time.sleep(60)",
        _WALL,
    ),
    _times_out(
        "catching-every-exception-times-out",
        "loop for ever and catch BaseException",
        """
        def main():
            while True:
                try:
                    while True: pass
                except BaseException:
                    continue
        """,
    ),
    _probe(
        "long-c-arithmetic-is-stopped",
        "compute a very large power, in C",
        "timeout or memory_limit",
        (job("def main():\n    return {'x': str(7 ** (7 ** 9))[:1]}", limits=_SHORT),),
        all_of(fails(ErrorType.TIMEOUT, ErrorType.MEMORY_LIMIT), ends_within(2500)),
        BOTH,
    ),
    _times_out(
        "regex-backtracking-times-out",
        "match a regular expression that backtracks for ever",
        "import re\ndef main():\n    return {'x': bool(re.match('(a+)+$', 'a' * 60 + 'b'))}",
    ),
    _probe(
        "ignoring-all-signals-times-out",
        "ignore and block every signal, then loop",
        "timeout that names the CPU time",
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
        all_of(fails(ErrorType.TIMEOUT, message="CPU"), ends_within(3000)),
    ),
    _uses_too_much_cpu(
        "child-cpu-time-is-limited",
        "use more than 0.4 s of CPU in 50 children, one at a time",
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
    ),
    _uses_too_much_cpu(
        "thread-cpu-time-is-limited",
        "hash in four threads at once",
        """
        import hashlib, threading
        def main():
            for _ in range(3):
                threading.Thread(target=hashlib.pbkdf2_hmac, args=("sha256", b"", b"", 10**8)).start()
            hashlib.pbkdf2_hmac("sha256", b"", b"", 10**8)
            return {"outlived": True}
        """,
    ),
    _probe(
        "cpu-rlimit-cannot-be-raised",
        "set RLIMIT_CPU to infinity",
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
        "self-sent-sigxcpu-reports-killed",
        "send SIGXCPU to itself without using CPU time",
        "killed, not timeout",
        (job("import os\ndef main(): os.kill(os.getpid(), 24)"),),
        fails(ErrorType.KILLED, message="SIGXCPU"),
    ),
    _times_out(
        "finalizer-times-out",
        "sleep for 60 s in __del__ of a global object",
        """
        import time
        class Slow:
            def __del__(self): time.sleep(60)
        slow = Slow()
        def main(): return {"returned": True}
        """,
    ),
    _probe(
        "end-of-a-script-times-out",
        "sleep for 60 s in a thread, in atexit, in a finalizer",
        "timeout for each",
        tuple(
            job(
                "import atexit, threading, time, weakref\nclass A: pass\na = A()\n"
                f"def main():\n    {end}\n    return {{}}",
                limits=_SHORT,
            )
            for end in (
                "threading.Thread(target=time.sleep, args=[60]).start()",
                "atexit.register(time.sleep, 60)",
                "weakref.finalize(a, time.sleep, 60)",
            )
        ),
        in_order(_TIMEOUT, _TIMEOUT, _TIMEOUT),
    ),
    _returns_in_time(
        "running-threads-do-not-delay-the-result",
        "return while one daemon thread sleeps and one loops",
        """
        import threading, time
        def loop():
            while True: pass
        def main():
            threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
            threading.Thread(target=loop, daemon=True).start()
            return {"returned": True}
        """,
    ),
    _returns_in_time(
        "stopped-children-do-not-delay-the-result",
        "return while stopped children hold every descriptor",
        """
        import os
        def main():
            for _ in range(5):
                pid = os.fork()
                if pid == 0:
                    while True: pass
                os.kill(pid, 19)
            return {"returned": True}
        """,
    ),
    _probe(
        "alarm-handlers-fail-the-job",
        "raise in an alarm's handler every 0.1 ms",
        "exception, exit or killed; no service file is named",
        (
            attempt_job("""
                import signal
                def main():
                    def handler(*_): raise RuntimeError("alarm")
                    signal.signal(signal.SIGALRM, handler)
                    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.0001)
                    while True: pass
                """),
        ),
        all_of(fails(ErrorType.EXCEPTION, ErrorType.EXIT, ErrorType.KILLED), names_no_service_file),
    ),
)
