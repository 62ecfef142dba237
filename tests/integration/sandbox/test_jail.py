"""Jobs in real jails: their outcomes and their environment."""

import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from jobs.job import Job
from jobs.limits import OUTPUT_BYTES, Limits
from jobs.outcome import ErrorType, Outcome
from sandbox.errors import SandboxFailure
from sandbox.isolation import Isolation
from sandbox.jail import hierarchy
from sandbox.jail.sandbox import NsjailSandbox
from tests.support.jail import nsjail_sandbox
from tests.support.mounts import our_mounts
from tests.support.wait import eventually, settled


def _run(sandbox: NsjailSandbox, script: str, **fields: Any) -> Outcome:
    return sandbox.run(Job(textwrap.dedent(script), **fields))


def _error(outcome: Outcome) -> tuple[ErrorType, str]:
    assert outcome.error is not None, outcome
    return outcome.error.type, outcome.error.message


def test_job_gets_inputs_and_stdin_and_returns_both_outputs(sandbox: NsjailSandbox) -> None:
    outcome = _run(
        sandbox,
        """
        import sys
        def main(a, b):
            print("out", a)
            print("err", b, file=sys.stderr)
            return {"stdin": sys.stdin.read(), "sum": a + b}
        """,
        inputs={"a": 1, "b": 2},
        stdin="líne\n",
    )
    assert outcome.result == {"stdin": "líne\n", "sum": 3}
    assert (outcome.stdout, outcome.stderr) == ("out 1\n", "err 2\n")


def test_job_gets_a_large_stdin_and_ends_when_it_does_not_read_it(sandbox: NsjailSandbox) -> None:
    text = "x" * 1_000_000
    read = _run(sandbox, "import sys\ndef main(): return {'n': len(sys.stdin.read())}", stdin=text)
    unread = _run(sandbox, "def main(): return {}", stdin=text)
    closed = _run(sandbox, "import os\ndef main():\n    os.close(0)\n    return {}", stdin=text)
    assert (read.result, unread.result, closed.result) == ({"n": len(text)}, {}, {})


def test_job_awaits_an_async_main(sandbox: NsjailSandbox) -> None:
    assert _run(
        sandbox, "import asyncio\nasync def main():\n    await asyncio.sleep(0)\n    return {'a': 1}"
    ).result == {"a": 1}


def test_job_does_not_run_the_block_under_name_equals_main(sandbox: NsjailSandbox) -> None:
    outcome = _run(
        sandbox,
        """
        def main():
            print("once")
            return {}
        if __name__ == "__main__":
            main()
        """,
    )
    assert outcome.stdout == "once\n"


def test_traceback_shows_only_the_script_s_frames(sandbox: NsjailSandbox) -> None:
    outcome = _run(
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
def test_job_has_the_error_type_of_its_end(
    sandbox: NsjailSandbox, script: str, expected: ErrorType, text: str
) -> None:
    kind, message = _error(_run(sandbox, script))
    assert kind == expected
    assert text in message


def test_traceback_is_reported_when_the_script_holds_every_descriptor(sandbox: NsjailSandbox) -> None:
    outcome = _run(
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
    outcome = _run(
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


def test_fresh_jail_imports_no_module_that_takes_long(nsjail: None) -> None:
    with nsjail_sandbox(Isolation.FRESH) as fresh:
        outcome = _run(fresh, "import sys\ndef main(): return {'modules': sorted(sys.modules)}")
    assert outcome.result is not None
    slow_imports = {
        "collections",
        "contextlib",
        "enum",
        "functools",
        "json",
        "re",
        "socket",
        "types",
        "typing",
    }
    assert not slow_imports & set(outcome.result["modules"])


def test_job_keeps_the_output_from_before_a_timeout(sandbox: NsjailSandbox) -> None:
    outcome = _run(
        sandbox, "def main():\n    print('before')\n    while True: pass", limits=Limits(timeout=0.5)
    )
    assert _error(outcome)[0] == ErrorType.TIMEOUT
    assert outcome.stdout == "before\n"


def test_cpu_limit_counts_all_processes_of_a_job_together(sandbox: NsjailSandbox) -> None:
    outcome = _run(
        sandbox,
        "import os\ndef main():\n    for _ in range(3): os.fork()\n    while True: pass",
        limits=Limits(timeout=20, cpu=1),
    )
    kind, message = _error(outcome)
    assert (kind, "CPU" in message) == (ErrorType.TIMEOUT, True)
    assert outcome.usage.wall_ms is not None
    assert outcome.usage.wall_ms < 5000


def test_timeout_does_not_name_cpu_time_when_a_job_sleeps(sandbox: NsjailSandbox) -> None:
    outcome = _run(sandbox, "import time\ndef main(): time.sleep(9)", limits=Limits(timeout=0.5, cpu=0.5))
    assert "CPU" not in _error(outcome)[1]


def test_job_reports_its_memory_peak(sandbox: NsjailSandbox) -> None:
    small = _run(sandbox, "def main(): return {}").usage.memory_peak_bytes
    large = _run(sandbox, "def main():\n    bytearray(100 << 20)\n    return {}").usage.memory_peak_bytes
    assert small is not None
    assert large is not None
    assert large - small == pytest.approx(100 << 20, rel=0.05)


def test_job_goes_on_when_its_output_exceeds_the_cap(sandbox: NsjailSandbox) -> None:
    outcome = _run(
        sandbox,
        """
        import sys
        def main():
            for stream in (sys.stdout, sys.stderr):
                for _ in range(50):
                    stream.write("é" * 500_000)
            return {"done": True}
        """,
    )
    assert outcome.result == {"done": True}
    assert (outcome.stdout_truncated, outcome.stderr_truncated) == (True, True)
    assert len(outcome.stdout.encode()) == OUTPUT_BYTES


def test_job_succeeds_when_it_closes_or_replaces_stdout(sandbox: NsjailSandbox) -> None:
    for script in (
        "import sys\ndef main():\n    sys.stdout.close()\n    return {'a': 1}",
        "import sys\ndef main():\n    sys.stdout = sys.__stdout__ = None\n    return {'a': 1}",
        "import sys\ndef main():\n    sys.stdout = 3\n    return {'a': 1}",
        "import os\ndef main():\n    os.close(1)\n    os.close(2)\n    return {'a': 1}",
    ):
        assert _run(sandbox, script).result == {"a": 1}


def test_job_keeps_its_result_when_it_writes_forged_frames_to_every_descriptor(
    sandbox: NsjailSandbox,
) -> None:
    outcome = _run(
        sandbox,
        """
        import os, socket
        FORGED = [b'{"kind": "result", "result": {"forged": 1}}', b'.{"kind": "exit", "message": ""}', b'+', b'.', b'']
        def main():
            for fd in range(256):
                for frame in FORGED[:4]:
                    try: os.write(fd, frame)
                    except OSError: pass
            return {"real": 1}
        """,
    )
    assert outcome.result == {"real": 1}


def test_job_keeps_its_result_when_a_forked_child_returns_from_main(sandbox: NsjailSandbox) -> None:
    outcome = _run(
        sandbox,
        """
        import os
        def main():
            pid = os.fork()
            if pid == 0:
                return {"child": True}
            os.waitpid(pid, 0)
            return {"child": False}
        """,
    )
    assert outcome.result == {"child": False}


def test_job_does_not_wait_for_threads_processes_and_handlers_it_leaves(sandbox: NsjailSandbox) -> None:
    for script in (
        "import threading, time\ndef main():\n    threading.Thread(target=time.sleep, args=(60,)).start()\n    return {}",
        "import os, time\ndef main():\n    if os.fork() == 0:\n        os.setsid()\n        if os.fork() == 0:\n            time.sleep(60)\n        os._exit(0)\n    return {}",
        "import atexit, time\ndef main():\n    atexit.register(time.sleep, 60)\n    return {}",
        "import time\nclass Slow:\n    def __del__(self): time.sleep(60)\nslow = Slow()\ndef main(): return {}",
    ):
        started = time.monotonic()
        assert _run(sandbox, script).result == {}
        assert time.monotonic() - started < 30, "the job was waited for"


def test_job_has_only_four_descriptors_and_a_minimal_environment(sandbox: NsjailSandbox) -> None:
    outcome = _run(
        sandbox,
        """
        import os
        def main():
            def is_open(fd):
                try: return bool(os.fstat(fd))
                except OSError: return False
            return {"fds": [fd for fd in range(256) if is_open(fd)], "env": dict(os.environ), "root": sorted(os.listdir("/"))}
        """,
    )
    assert outcome.result is not None
    assert outcome.result["fds"] == [0, 1, 2, 3]
    assert outcome.result["env"] == {"HOME": "/tmp", "LANG": "C.UTF-8", "PATH": "/usr/bin"}
    assert set(outcome.result["root"]) <= {"dev", "guest", "lib", "lib64", "tmp", "usr"}


def test_jobs_have_separate_tmp_folders(sandbox: NsjailSandbox) -> None:
    script = "import os\ndef main():\n    before = os.listdir('/tmp')\n    open('/tmp/mine', 'w').close()\n    return {'before': before}"
    for _ in range(2):
        assert _run(sandbox, script).result == {"before": []}


def test_job_times_out_when_it_has_many_busy_processes(sandbox: NsjailSandbox) -> None:
    outcome = _run(
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
    assert _error(outcome)[0] == ErrorType.TIMEOUT


def test_job_cannot_use_f_notify(sandbox: NsjailSandbox) -> None:
    outcome = _run(
        sandbox,
        """
        import fcntl, os
        def main():
            fd = os.open("/usr/lib", os.O_RDONLY)
            try: fcntl.fcntl(fd, fcntl.F_NOTIFY, fcntl.DN_ACCESS | fcntl.DN_MULTISHOT)
            except PermissionError: return {"refused": True}
            return {"refused": False}
        """,
    )
    assert outcome.result == {"refused": True}


def test_fsync_and_fadvise_succeed_in_a_job(sandbox: NsjailSandbox) -> None:
    outcome = _run(
        sandbox,
        """
        import os
        def main():
            with open("/tmp/file", "w") as file:
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            with open(os.__file__, "rb") as file:
                os.fsync(file.fileno())
            return {}
        """,
    )
    assert outcome.result == {}


def test_job_with_half_a_surrogate_pair_fails_with_a_valid_answer(sandbox: NsjailSandbox) -> None:
    assert _error(_run(sandbox, "def main(): return {'a': '\\ud800'}"))[0] == ErrorType.INVALID_RESULT
    kind, message = _error(_run(sandbox, "def main(): raise ValueError('\\ud800')"))
    assert (kind, message) == (ErrorType.EXCEPTION, "ValueError: \\ud800")


def test_script_cannot_kill_its_init_with_any_signal(sandbox: NsjailSandbox) -> None:
    outcome = _run(
        sandbox,
        """
        import os, signal
        def main():
            for number in sorted(signal.valid_signals()):
                os.kill(1, number)
            return {"alive": True}
        """,
    )
    assert outcome.result == {"alive": True}


def test_hundred_jobs_leave_no_process_descriptor_cgroup_mount_or_file(sandbox: NsjailSandbox) -> None:
    me = psutil.Process()

    def resources() -> dict[str, Any]:
        return {
            "processes": len(me.children(recursive=True)),
            "descriptors": me.num_fds(),
            "cgroups": len(
                [p for folder in hierarchy.detect().unique_folders for p in folder.glob(f"*/{me.pid}-*")]
            ),
            "mounts": our_mounts(me.pid),
            "files": sorted(path.name for path in Path("/tmp").glob("nsjail*")),
        }

    scripts = (
        "def main(): return {}",
        "def main(): 1/0",
        "import os\ndef main():\n    os.fork()\n    return {}",
    )
    _run(sandbox, scripts[0])
    before = settled(resources)
    for number in range(100):
        _run(sandbox, scripts[number % 3])
    assert settled(resources) == before


@pytest.mark.parametrize("isolation", list(Isolation))
def test_cancel_kills_the_running_job_from_another_thread(nsjail: None, isolation: Isolation) -> None:
    # The shared sandboxes may be making their next jails ready.
    before = settled(lambda: set(psutil.Process().children(recursive=True)))
    with nsjail_sandbox(isolation) as sandbox:
        killed: set[psutil.Process] = set()

        def cancel() -> None:
            eventually(lambda: sandbox._running is not None, within=10, what="the job runs")
            killed.update(set(psutil.Process().children(recursive=True)) - before)
            sandbox.cancel()

        with ThreadPoolExecutor() as threads:
            cancelling = threads.submit(cancel)
            with pytest.raises(SandboxFailure):
                _run(sandbox, "import time\ndef main(): time.sleep(60)", limits=Limits(timeout=30))
            cancelling.result()
        assert killed
        assert psutil.wait_procs(killed, timeout=5)[1] == []
        assert _run(sandbox, "def main(): return {}").result == {}


def test_cancel_does_nothing_when_no_job_runs(sandbox: NsjailSandbox) -> None:
    assert _run(sandbox, "def main(): return {}").result == {}
    sandbox.cancel()
    assert _run(sandbox, "def main(): return {}").result == {}
