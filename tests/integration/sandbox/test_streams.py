"""Standard output and error of a job: nothing written is lost, and `print` is the interpreter's."""

import subprocess
import sys
import textwrap
from typing import Any

import pytest

from jobs.limits import Limits
from jobs.outcome import ErrorType
from sandbox.jail.sandbox import NsjailSandbox
from sandbox.protocol import Sandbox
from tests.support.scripts import error_of, run_script

#: Bodies of a `main` whose output must be the same as that of plain CPython; `restricted` ones can also run in
#: the restricted executor.
_PROGRAMS = {
    "arguments": """
        print()
        print(1, 2.5, None, True, "é", [1, "a"], sep=" - ", end="!\\n")
        print("a", "b", sep=None, end=None, flush=True)
        print(*range(5), sep="")
        """,
    "errors": """
        class Rude:
            def __str__(self):
                print("converting", file=sys.stderr)
                raise ValueError("rude")
        for given, named in (((1,), {"sep": 1}), ((1,), {"end": b""}), (("a", Rude(), "b"), {}), (("a", "\\ud800"), {}),
                             ((1,), {"file": 3}), ((1,), {"nothing": 1}), (("c",), {"file": sys.stderr, "sep": 1})):
            try: print(*given, **named)
            except Exception as error: print(type(error).__name__, error)
        """,
    "nested": """
        class Shown:
            def __init__(self, name): self.name = name
            def __str__(self):
                print("str of", self.name)
                sys.stderr.write("error of " + self.name)
                return self.name
        print("first", Shown("a"), [1], Shown("b"))
        """,
    "replaced": """
        kept = sys.stdout
        sys.stdout = io.StringIO()
        print("unseen", 1)
        text, sys.stdout = sys.stdout.getvalue(), kept
        print(repr(text))
        with contextlib.redirect_stdout(io.StringIO()) as other:
            print("redirected")
        print(repr(other.getvalue()))
        sys.stdout = None
        print("nowhere")
        sys.stdout = kept
        written = []
        class File:
            def write(self, text): written.append(text)
            def flush(self): written.append("flush")
        print("a", 1, file=File(), flush=True)
        print(written)
        """,
    "method": """
        class Logger:
            log = print
        Logger().log("no instance")
        print(*map(repr, (print, print.__name__, print.__module__, print.__doc__[:6], callable(print))))
        """,
    "surrogates": """
        print("\\udcff")
        print("\\udcff", file=sys.stderr)
        """,
    "writes": """
        print(sys.stdout.write("é" * 3), sys.stdout.write(""))
        sys.stdout.writelines(["a", "b\\n"])
        sys.stderr.write("no end")
        try: sys.stdout.write(1)
        except TypeError as error: print(error)
        """,
}

#: As above, with what the restricted executor does not have.
_JAIL_PROGRAMS = {
    "attributes": """
        for stream in (sys.stdout, sys.stderr):
            buffer = stream.buffer
            print(stream, stream.encoding, stream.errors, stream.newlines, stream.line_buffering, stream.write_through,
                  stream.mode, stream.name, type(stream), stream.isatty(), stream.seekable(), stream.fileno(),
                  buffer, buffer.name, buffer.mode, type(buffer), buffer.raw, type(buffer.raw), buffer.raw.closefd)
        """,
    "bytes": """
        print(sys.stdout.buffer.write(b"bytes"), sys.stdout.buffer.write(bytearray(b"\\xff\\n")), flush=True)
        sys.stdout.buffer.writelines([b"a", b"b"])
        sys.stdout.flush()
        sys.stdout.buffer.raw.write(b"raw\\n")
        sys.stdout.buffer.write(memoryview(b"x" * 300_000)[7:])
        """,
    "closed": """
        sys.stdout.close()
        try: print("a", "b")
        except ValueError as error: print(error, error.__context__, file=sys.stderr)
        sys.stdout = sys.__stdout__ = None
        print("nowhere")
        """,
    "lost": """
        kept = sys.stdout
        del sys.stdout
        try: print("a")
        except RuntimeError as error: message = error
        sys.stdout = kept
        print(message)
        """,
    "detached": """
        buffer = sys.stdout.detach()
        try: print("a")
        except ValueError as error: print(error, file=sys.stderr)
        buffer.write(b"detached")
        sys.stdout = io.TextIOWrapper(buffer, "latin-1", line_buffering=True)
        print("\\xe9", sys.stdout.encoding)
        """,
    "reconfigured": """
        sys.stdout.reconfigure(encoding="utf-16-le", errors="replace", newline="\\r\\n", line_buffering=True)
        print("a", "\\ud800")
        """,
    "patched": """
        kept = sys.stdout.write
        sys.stdout.write = lambda text: kept(text.upper())
        print("loud", "é")
        del sys.stdout.write
        print("quiet")
        """,
    "pickled": """
        import copy, inspect, pickle
        print(pickle.loads(pickle.dumps(print)) is print, copy.deepcopy(print) is print, inspect.signature(print), print.__self__,
              inspect.isbuiltin(print))
        """,
    "descriptors": """
        saved = os.dup(1)
        with open("/tmp/output", "w") as file:
            os.dup2(file.fileno(), 1)
            print("into a file")
            sys.stdout.flush()
        os.dup2(saved, 1)
        print(open("/tmp/output").read())
        """,
    "forked": """
        print("before", end=" ")
        sys.stdout.flush()
        if os.fork() == 0:
            print("child")
            sys.stdout.flush()
            os._exit(0)
        os.wait()
        print("parent")
        """,
    "profiled": """
        import cProfile, pstats
        def inner():
            print("inner")
        def outer():
            inner()
            inner()
        profile = cProfile.Profile()
        profile.runcall(outer)
        calls = {name: [count, [caller[2] for caller in callers]]
                 for (_, _, name), (_, count, _, _, callers) in pstats.Stats(profile).stats.items()}
        print(calls["inner"], calls["outer"])
        """,
}  # fmt: skip

_HEAD = "import contextlib, io, sys\n"


def _script(body: str, head: str = "") -> str:
    return f"{head}{_HEAD}def main():\n{textwrap.indent(textwrap.dedent(body), '    ')}\n    return {{}}\n"


def _plain(script: str) -> tuple[str, str]:
    """Return what plain CPython writes, decoded as the service decodes it."""
    done = subprocess.run(
        [sys.executable, "-c", f"{script}\nmain()"],
        capture_output=True,
        check=True,
        env={"LANG": "C.UTF-8"},
        timeout=60,
    )
    return done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")


def _output(sandbox: Sandbox, script: str) -> tuple[str, str]:
    outcome = run_script(sandbox, script)
    assert outcome.error is None, outcome
    return outcome.stdout, outcome.stderr


@pytest.mark.parametrize("name", [*_PROGRAMS, *_JAIL_PROGRAMS])
def test_job_in_a_jail_writes_what_cpython_writes(sandbox: NsjailSandbox, name: str) -> None:
    script = _script({**_PROGRAMS, **_JAIL_PROGRAMS}[name], "import os\n")
    assert _output(sandbox, script) == _plain(script)


@pytest.mark.parametrize("name", list(_PROGRAMS))
def test_restricted_job_writes_what_cpython_writes(restricted: Sandbox, name: str) -> None:
    script = _script(_PROGRAMS[name])
    assert _output(restricted, script) == _plain(script)


_WRITE_ALL: dict[str, Any] = {
    "print('print', end='')": ("print", ""),
    "sys.stdout.write('write'); sys.stderr.write('error')": ("write", "error"),
    "print('dots', end='', file=sys.stderr); print(end='dots')": ("dots", "dots"),
    "sys.stdout.buffer.write(b'bytes')": ("bytes", ""),
    "print(*['x'] * 3000, sep='', end='')": ("x" * 3000, ""),
}


@pytest.mark.parametrize("statement", list(_WRITE_ALL))
@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("while True: pass", ErrorType.TIMEOUT),
        ("os.kill(os.getpid(), 9)", ErrorType.KILLED),
        ("os._exit(0)", ErrorType.EXIT),
        ("bytearray(400 << 20)", ErrorType.MEMORY_LIMIT),
    ],
)
def test_job_keeps_unfinished_output_when_it_is_killed(
    sandbox: NsjailSandbox, statement: str, end: str, expected: ErrorType
) -> None:
    outcome = run_script(
        sandbox,
        f"import os, sys\ndef main():\n    {statement}\n    {end}",
        limits=Limits(timeout=0.5 if expected == ErrorType.TIMEOUT else 5),
    )
    assert error_of(outcome)[0] == expected
    assert (outcome.stdout, outcome.stderr) == _WRITE_ALL[statement]


def test_restricted_job_keeps_unfinished_output_when_it_times_out(restricted: Sandbox) -> None:
    outcome = run_script(
        restricted,
        "import sys\ndef main():\n    print('working', end='')\n    sys.stderr.write('.')\n    while True: pass",
        limits=Limits(timeout=0.5),
    )
    assert error_of(outcome)[0] == ErrorType.TIMEOUT
    assert (outcome.stdout, outcome.stderr) == ("working", ".")


def test_lines_of_threads_stay_whole(sandbox: NsjailSandbox) -> None:
    outcome = run_script(
        sandbox,
        """
        import sys, threading
        class Shown:
            def __str__(self):
                return "shown"
        def work(number):
            for _ in range(500):
                print("line", number, [number], "of a thread")
                print(Shown())
        def main():
            sys.setswitchinterval(1e-6)
            threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
            return {}
        """,
    )
    lines = outcome.stdout.splitlines()
    assert len(lines) == 8000
    assert {*lines} == {"shown", *(f"line {number} [{number}] of a thread" for number in range(8))}


@pytest.mark.parametrize(
    "write", ["print(part, end='')", "sys.stdout.write(part)", "raw.write(part.encode())"]
)
def test_job_loses_no_output_when_it_makes_the_pipe_non_blocking(sandbox: NsjailSandbox, write: str) -> None:
    outcome = run_script(
        sandbox,
        f"""
        import os, sys
        def main():
            os.set_blocking(1, False)
            raw = sys.stdout.buffer
            for number in range(40):
                part = str(number % 10) * 20_000
                {write}
            return {{"blocking": os.get_blocking(1)}}
        """,
    )
    assert outcome.result == {"blocking": False}
    assert outcome.stdout == "".join(str(number % 10) * 20_000 for number in range(40))


def test_job_loses_no_output_when_a_signal_interrupts_its_writes(sandbox: NsjailSandbox) -> None:
    outcome = run_script(
        sandbox,
        """
        import signal
        def main():
            signal.signal(signal.SIGALRM, lambda *_: None)
            signal.setitimer(signal.ITIMER_REAL, 0.0001, 0.0001)
            for number in range(200):
                print(str(number % 10) * 4_000)
            signal.setitimer(signal.ITIMER_REAL, 0)
            return {}
        """,
    )
    assert outcome.stdout == "".join(str(number % 10) * 4_000 + "\n" for number in range(200))
