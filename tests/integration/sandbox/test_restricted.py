"""Jobs in the restricted executor: outcomes, the language, and the kernel's layer by itself."""

import contextlib
import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import pytest

from jobs.job import Job
from jobs.limits import OUTPUT_BYTES, Limits
from jobs.outcome import ErrorType, Outcome, SandboxKind
from sandbox.errors import SandboxFailure
from sandbox.guest.init import KILL
from sandbox.restricted.sandbox import RestrictedSandbox
from tests.support.attempts import ATTEMPTS, REFUSALS, attempting
from tests.support.checkout import ROOT
from tests.support.examples import EXAMPLES, Example

#: The rooms that the sandbox imports.
_ROOMS = ("config", "jobs", "sandbox", "validation")


def _run(sandbox: RestrictedSandbox, script: str, **fields: Any) -> Outcome:
    return sandbox.run(Job(textwrap.dedent(script), **fields))


def _error(outcome: Outcome) -> tuple[ErrorType, str]:
    assert outcome.error is not None, outcome
    return outcome.error.type, outcome.error.message


@pytest.mark.parametrize(
    "example",
    [example for example in EXAMPLES if SandboxKind.RESTRICTED in example.sandboxes],
    ids=lambda example: example.name,
)
def test_example_for_the_restricted_executor_gets_its_answer(
    restricted: RestrictedSandbox, example: Example
) -> None:
    outcome = restricted.run(Job(example.script, **example.request))
    assert {"result": outcome.result, "stdout": outcome.stdout} == example.answer


@pytest.mark.parametrize(
    ("script", "expected", "text"),
    [
        ("import os\ndef main(): return {}", ErrorType.FORBIDDEN_IMPORT, "os"),
        ("def main(): return {'a': ().__class__.__bases__}", ErrorType.FORBIDDEN_SYNTAX, "__bases__"),
        ("def main():\n    while True: pass", ErrorType.TIMEOUT, "0.5 s"),
        ("def main(): bytearray(400 << 20)", ErrorType.MEMORY_LIMIT, "256 MB"),
        ("def main():\n    keep = []\n    while True: keep.append(bytearray(1 << 20))", ErrorType.MEMORY_LIMIT, "256 MB"),
        ("import sys\ndef main(): sys.exit(3)", ErrorType.EXIT, "status 3"),
        ("def main(): 1/0", ErrorType.EXCEPTION, "ZeroDivisionError"),
        ("def main(): return main()", ErrorType.EXCEPTION, "RecursionError"),
        ("def main(): return 3", ErrorType.INVALID_RESULT, "an int"),
        ("main = 3", ErrorType.MAIN_NOT_CALLABLE, "an int"),
        ("def main(): return {'a': 'x' * 2_000_000}", ErrorType.RESULT_TOO_LARGE, "2000009"),
    ],
)  # fmt: skip
def test_restricted_job_has_the_error_type_of_its_end(
    restricted: RestrictedSandbox, script: str, expected: ErrorType, text: str
) -> None:
    kind, message = _error(
        _run(restricted, script, limits=Limits(timeout=0.5 if "while True: pass" in script else 5))
    )
    assert kind == expected
    assert text in message


def test_timeout_distinguishes_cpu_time_from_wall_time(restricted: RestrictedSandbox) -> None:
    burning = _run(restricted, "def main():\n    while True: pass", limits=Limits(timeout=5, cpu=1))
    sleeping = _run(restricted, "import time\ndef main(): time.sleep(9)", limits=Limits(timeout=0.5, cpu=5))
    assert "CPU" in _error(burning)[1]
    assert "CPU" not in _error(sleeping)[1]


def test_restricted_executor_runs_an_ordinary_program(restricted: RestrictedSandbox) -> None:
    outcome = _run(
        restricted,
        """
        from __future__ import annotations
        import collections.abc, contextlib, csv, datetime, enum, functools, hashlib, io, json, random, re, sys, time, uuid
        from collections import Counter, namedtuple
        from dataclasses import dataclass, field
        from typing import NamedTuple
        from urllib.parse import urlsplit

        class Colour(enum.Enum):
            RED = enum.auto()

        @dataclass(order=True, slots=True)
        class Item:
            name: str
            tags: list[str] = field(default_factory=list)
            def __post_init__(self):
                self.name = self.name.title()

        class Point(NamedTuple):
            x: int
            y: int = 2

        class Stack:
            __slots__ = ("_items",)
            def __init__(self): self._items = []
            def __len__(self): return len(self._items)
            def __enter__(self): return self
            def __exit__(self, *exc): return False
            def __repr__(self): return f"{self.__class__.__name__}({self._items})"
            __str__ = __repr__

        def logged(function):
            @functools.wraps(function)
            def wrapper(*args):
                return function(*args)
            return wrapper

        @logged
        def double(n): return n * 2

        def numbers():
            for n in range(3):
                yield n

        async def later(n): return n

        async def main(name):
            with contextlib.redirect_stdout(io.StringIO()) as captured:
                print("inner")
            match Point(1):
                case Point(x=1, y=y): pass
            stack = Stack()
            getattr(stack, "_items").append(1)
            return {
                "item": Item(name).name, "colour": Colour.RED.name, "y": y, "double": double.__name__,
                "stack": "{}".format(stack), "sum": sum(numbers()), "captured": captured.getvalue(),
                "awaited": await later(3), "stdin": sys.stdin.read(), "format": "{0[0]:>3}|{1.x}".format([1], Point(5)),
                "date": str(datetime.datetime.strptime("2024-02-29", "%Y-%m-%d").date()),
                "sub": re.sub(r"(a)", r"<\\1>", "banana"), "csv": list(csv.reader(["a,b"])),
                "hash": hashlib.sha256(b"").hexdigest()[:4], "uuid": len(str(uuid.uuid4())),
                "counter": Counter("aab").most_common(1), "host": urlsplit("http://a/b").netloc,
                "module": __name__,
            }

        if __name__ == "__main__":
            raise SystemExit("not run here")
        """.replace("\\\\\\\\", "\\\\"),
        inputs={"name": "bolt"},
        stdin="in",
    )
    assert outcome.error is None
    assert outcome.result == {
        "item": "Bolt", "colour": "RED", "y": 2, "double": "double", "stack": "Stack([1])", "sum": 3,
        "captured": "inner\n", "awaited": 3, "stdin": "in", "format": "  1|5", "date": "2024-02-29",
        "sub": "b<a>n<a>n<a>", "csv": [["a", "b"]], "hash": "e3b0", "uuid": 36, "counter": [["a", 2]],
        "host": "a", "module": "script",
    }  # fmt: skip


def test_traceback_shows_no_path_of_the_host(restricted: RestrictedSandbox) -> None:
    outcome = _run(restricted, "import json\ndef main(): json.loads('{')")
    assert outcome.error is not None
    trace = outcome.error.traceback or ""
    assert 'File "script.py", line 2, in main' in trace
    assert 'File "json/decoder.py"' in trace
    assert str(ROOT) not in trace


def test_restricted_job_has_capped_output_and_gets_stdin(restricted: RestrictedSandbox) -> None:
    outcome = _run(
        restricted,
        "import sys\ndef main():\n    print('x' * 3_000_000)\n    return {'n': len(sys.stdin.read())}",
        stdin="y" * 500_000,
    )
    assert (outcome.result, outcome.stdout_truncated) == ({"n": 500_000}, True)
    assert len(outcome.stdout) == OUTPUT_BYTES


def test_restricted_jobs_do_not_see_each_other_s_changes_to_modules(restricted: RestrictedSandbox) -> None:
    _run(
        restricted,
        "import json\ndef main():\n    json.marker = 1\n    json.JSONDecoder.marker = 1\n    return {}",
    )
    outcome = _run(
        restricted,
        "import json\ndef main(): return {'seen': hasattr(json, 'marker') or hasattr(json.JSONDecoder, 'marker')}",
    )
    assert outcome.result == {"seen": False}


def test_init_is_kept_after_its_runner_was_killed(restricted: RestrictedSandbox) -> None:
    _run(restricted, "def main(): return {}")
    before = {child.pid for child in psutil.Process().children()}
    _error(_run(restricted, "def main():\n    while True: pass", limits=Limits(timeout=0.2)))
    assert _run(restricted, "def main(): return {'a': 1}").result == {"a": 1}
    assert {child.pid for child in psutil.Process().children()} == before


def test_invalid_script_fails_as_the_job_s_exception(restricted: RestrictedSandbox) -> None:
    assert _error(_run(restricted, "def main(:"))[0] == ErrorType.EXCEPTION
    assert _error(_run(restricted, "x = 1"))[0] == ErrorType.EXCEPTION


def test_late_kill_order_does_not_end_a_later_job_with_a_wrong_outcome(restricted: RestrictedSandbox) -> None:
    for _ in range(3):
        restricted.run(Job("def main(): return {}"))
        restricted.prepare()
        assert restricted._guest is not None
        restricted._guest.order(KILL)
        # The order kills the waiting runner, or arrives before there is one.
        try:
            assert restricted.run(Job("def main(): return {'v': 1}")).result == {"v": 1}
        except SandboxFailure:
            assert restricted.run(Job("def main(): return {'v': 1}")).result == {"v": 1}


@pytest.fixture(scope="module")
def unguarded() -> Iterator[RestrictedSandbox]:
    """A sandbox without the language layer: scripts have the real `os`, `socket` and `ctypes`."""
    with closing(RestrictedSandbox(language=False)) as sandbox:
        yield sandbox


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_kernel_layer_alone_denies_the_attempt(unguarded: RestrictedSandbox, attempt: str) -> None:
    outcome = _run(unguarded, attempting(attempt))
    assert outcome.error is None, outcome.error
    assert outcome.result is not None
    assert outcome.result["refused"] in REFUSALS, outcome.result


def test_kernel_layer_alone_hides_descriptors_environment_and_root(unguarded: RestrictedSandbox) -> None:
    outcome = _run(
        unguarded,
        """
        import os, fcntl, resource
        def main():
            def is_open(fd):
                try: return fcntl.fcntl(fd, fcntl.F_GETFD) >= 0
                except OSError: return False
            return {
                "fds": [fd for fd in range(256) if is_open(fd)], "uid": os.getuid(), "gid": os.getgid(),
                "env": sorted(os.environ), "core": resource.getrlimit(resource.RLIMIT_CORE)[1],
            }
        """,
    )
    assert outcome.result is not None
    assert outcome.result["fds"] == [0, 1, 2, 3]
    assert outcome.result["env"] == ["LC_CTYPE", "TZ"]
    assert outcome.result["core"] == 1
    assert 0 not in (outcome.result["uid"], outcome.result["gid"])


def test_runner_and_init_end_when_the_worker_is_killed(restricted: RestrictedSandbox) -> None:
    script = (
        "from contextlib import closing\nfrom sandbox.restricted.sandbox import RestrictedSandbox\n"
        "import time\nsandbox = RestrictedSandbox()\nsandbox.dropped()\nprint('ready', flush=True)\ntime.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=ROOT) as worker:
        assert worker.stdout is not None
        worker.stdout.readline()
        family = psutil.Process(worker.pid).children(recursive=True)
        assert len(family) == 2
        worker.kill()
    assert psutil.wait_procs(family, timeout=10)[1] == []


def test_restricted_executor_works_when_the_worker_is_an_ordinary_user(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root to become another user")
    script = (
        "import json, sys\nsys.path.insert(0, sys.argv[1])\nfrom sandbox.restricted.sandbox import RestrictedSandbox\n"
        "from jobs.job import Job\nsandbox = RestrictedSandbox()\n"
        "print(sandbox.dropped(), sandbox.run(Job('def main(): return {\"a\": 1}')).result)\nsandbox.close()\n"
    )
    copy = _copy_for_all(tmp_path)
    command = [_system_python(), "-I", "-S", "-c", script, str(copy)]
    done = subprocess.run(
        command, user=1000, group=1000, extra_groups=[], capture_output=True, text=True, cwd="/", check=False
    )
    assert done.stdout.endswith("{'a': 1}\n"), done.stderr


def _copy_for_all(folder: Path) -> Path:
    """Copy the rooms that the sandbox imports to a folder that an ordinary user can read."""
    for path in (folder, *folder.parents):
        if path.stat().st_uid == os.geteuid() and path != Path("/"):
            path.chmod(path.stat().st_mode | 0o755)
    copy = folder / "copy"
    for name in _ROOMS:
        subprocess.run(["cp", "-r", str(ROOT / name), f"{copy}-{name}"], check=True)
    copy.mkdir()
    for name in _ROOMS:
        Path(f"{copy}-{name}").rename(copy / name)
    subprocess.run(["chmod", "-R", "a+rX", str(copy)], check=True)
    return copy


def _system_python() -> str:
    """Return an interpreter that every user can run, or skip the test."""
    recent = "import sys; sys.exit(sys.version_info < (3, 11))"
    for path in filter(os.path.exists, (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3")):
        with contextlib.suppress(PermissionError):
            if (
                subprocess.run(
                    [path, "-c", recent], user=1000, group=1000, extra_groups=[], check=False
                ).returncode
                == 0
            ):
                return path
    pytest.skip("no interpreter of 3.11 or newer that another user may run")


def test_cancel_kills_the_running_restricted_job_from_another_thread(restricted: RestrictedSandbox) -> None:
    ended = threading.Event()

    def cancel() -> None:
        # The first call may come before the job runs and the last one after its end. Neither has an effect.
        while not ended.wait(0.1):
            restricted.cancel()

    with ThreadPoolExecutor() as threads:
        cancelling = threads.submit(cancel)
        with pytest.raises(SandboxFailure):
            _run(restricted, "def main():\n    while True: pass", limits=Limits(timeout=30))
        ended.set()
        cancelling.result()
    restricted.cancel()
    assert _run(restricted, "def main(): return {}").result == {}
