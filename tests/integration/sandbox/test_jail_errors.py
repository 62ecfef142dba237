"""How jobs in a jail fail: error types, tracebacks, limits."""

import pytest

from jobs.limits import Limits
from jobs.outcome import ErrorType
from sandbox.jail.sandbox import NsjailSandbox
from tests.support.scripts import error_of, run_script


def test_traceback_shows_only_frames_of_the_script(sandbox: NsjailSandbox) -> None:
    outcome = run_script(
        sandbox,
        """\
        import json
        def inner(text):
            return json.loads(text)
        async def main():
            try:
                inner("{")
            except ValueError as error:
                raise RuntimeError("wrapped") from error
        """,
    )
    assert outcome.error is not None
    assert (outcome.error.type, outcome.error.line) == (ErrorType.EXCEPTION, 8)
    assert outcome.error.message == "RuntimeError: wrapped"
    trace = outcome.error.traceback or ""
    assert 'File "script.py", line 3, in inner' in trace
    assert 'raise RuntimeError("wrapped") from error' in trace
    for name in ("guest", "runner", "<string>", "asyncio"):
        assert name not in trace


@pytest.mark.parametrize(
    ("script", "expected", "text"),
    [
        ("import sys\ndef main(): sys.exit(3)", ErrorType.EXIT, "status 3"),
        ("import os\ndef main(): os._exit(0)", ErrorType.EXIT, "status 0 before a result"),
        ("import os\ndef main(): os.kill(os.getpid(), 9)", ErrorType.KILLED, "SIGKILL"),
        ("import ctypes\ndef main(): ctypes.string_at(0)", ErrorType.KILLED, "SIGSEGV"),
        ("import os\ndef main(): os.abort()", ErrorType.KILLED, "SIGABRT"),
        ("main = 3", ErrorType.MAIN_NOT_CALLABLE, "an int"),
        ("def main(): pass\ndel main", ErrorType.MAIN_NOT_CALLABLE, "not defined"),
        ("def main(): return 3", ErrorType.INVALID_RESULT, "an int"),
        ("def main(): return {'a': object()}", ErrorType.INVALID_RESULT, "result['a'] is an object"),
        ("def main(): return {'a': 'x' * 2_000_000}", ErrorType.RESULT_TOO_LARGE, "2000009"),
        ("def main(): raise KeyboardInterrupt", ErrorType.EXCEPTION, "KeyboardInterrupt"),
        ("def main(): return main()", ErrorType.EXCEPTION, "RecursionError"),
        ("def main(a): return {}", ErrorType.EXCEPTION, "missing 1 required positional argument"),
        ("import os\ndef main():\n    os.closerange(0, 256)\n    return {}", ErrorType.EXIT, "before a result arrived"),
        ("def main(): bytearray(400 << 20)", ErrorType.MEMORY_LIMIT, "256 MB"),
        ("def main():\n    with open('/tmp/f', 'wb') as f: f.write(bytes(60 << 20))\n    bytearray(200 << 20)", ErrorType.MEMORY_LIMIT, "256 MB"),
    ],
)  # fmt: skip
def test_job_has_the_expected_error_type_when_it_fails(
    sandbox: NsjailSandbox, script: str, expected: ErrorType, text: str
) -> None:
    kind, message = error_of(run_script(sandbox, script))
    assert kind == expected
    assert text in message


def test_traceback_is_reported_when_the_script_holds_every_descriptor(sandbox: NsjailSandbox) -> None:
    outcome = run_script(
        sandbox,
        """
        def main():
            held = []
            while True:
                held.append(open("/dev/null"))
        """,
    )
    assert outcome.error is not None
    assert (outcome.error.type, outcome.error.line) == (ErrorType.EXCEPTION, 5)
    assert "held.append" in (outcome.error.traceback or "")


def test_traceback_that_a_script_prints_shows_its_source_lines(sandbox: NsjailSandbox) -> None:
    outcome = run_script(
        sandbox,
        """
        def main():
            import inspect, traceback
            try:
                1 / 0
            except ZeroDivisionError:
                traceback.print_exc()
            return {"source": inspect.getsource(main).splitlines()[0]}
        """,
    )
    assert "    1 / 0\n" in outcome.stderr
    assert outcome.result == {"source": "def main():"}


def test_cpu_limit_counts_all_processes_of_a_job_together(sandbox: NsjailSandbox) -> None:
    outcome = run_script(
        sandbox,
        "import os\ndef main():\n    for _ in range(3): os.fork()\n    while True: pass",
        limits=Limits(timeout=20, cpu=1),
    )
    kind, message = error_of(outcome)
    assert (kind, "CPU" in message) == (ErrorType.TIMEOUT, True)
    assert outcome.usage.wall_ms is not None
    assert outcome.usage.wall_ms < 5000


def test_timeout_does_not_name_cpu_time_when_a_job_sleeps(sandbox: NsjailSandbox) -> None:
    outcome = run_script(
        sandbox, "import time\ndef main(): time.sleep(9)", limits=Limits(timeout=0.5, cpu=0.5)
    )
    assert "CPU" not in error_of(outcome)[1]


def test_job_reports_its_memory_peak(sandbox: NsjailSandbox) -> None:
    small = run_script(sandbox, "def main(): return {}").usage.memory_peak_bytes
    large = run_script(
        sandbox, "def main():\n    bytearray(100 << 20)\n    return {}"
    ).usage.memory_peak_bytes
    assert small is not None
    assert large is not None
    assert large - small == pytest.approx(100 << 20, rel=0.05)


def test_job_times_out_when_it_has_many_busy_processes(sandbox: NsjailSandbox) -> None:
    outcome = run_script(
        sandbox,
        """
        import os
        def main():
            try: os.setpriority(os.PRIO_PROCESS, 1, 19)
            except OSError: pass
            for _ in range(30):
                if os.fork() == 0: break
            while True: pass
        """,
        limits=Limits(timeout=1),
    )
    assert error_of(outcome)[0] == ErrorType.TIMEOUT
