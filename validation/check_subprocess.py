"""A process of its own for scripts that may take CPython's compiler too far.

Short texts can make it work for minutes, take gigabytes or crash: a `finally` inside a `finally` is compiled
twice, marks heaped on a letter are sorted in quadratic time, comprehensions nested 23 deep overrun a table of
3.12 and 3.13. A large script, hostile or not, holds the interpreter lock for a second. In a child process the
worst of them costs bounded time and memory, and no other request its answer.

The child compiles the script and never runs it.
"""

import gc
import json
import os
import resource
import subprocess
import sys
import threading
from pathlib import Path
from typing import Final

from jobs.limits import MB
from validation.rejection import CheckFailure, Rejection, too_complex
from validation.rules import check, survey
from validation.syntax import parse

#: The worst script of 1 MB that is only long, statement upon statement, needs 2.2 s and 750 MB.
_CPU_SECONDS: Final = 3
_MEMORY_BYTES: Final = 1024 * MB
_WALL_SECONDS: Final = 30

#: How long a request waits for a place before it is told to come back: it holds a thread meanwhile.
_WAIT_SECONDS: Final = 4

_SLOTS: Final = threading.BoundedSemaphore(2)
_CHILD: Final = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from validation import check_subprocess; check_subprocess.child()"
)


def check_in_subprocess(script: str, restricted: bool) -> None:
    """Apply every rule in a child process.

    Raises `Rejection` for the script's faults, `CheckFailure` if there is no working child.
    """
    root = Path(__file__).resolve().parents[1]
    command = [sys.executable, "-I", "-S", "-B", "-c", _CHILD, str(root), str(int(restricted))]
    if not _SLOTS.acquire(timeout=_WAIT_SECONDS):
        raise CheckFailure("too many scripts wait to be checked apart")
    try:
        done = subprocess.run(
            command,
            input=script.encode(),
            capture_output=True,
            timeout=_WALL_SECONDS,
            check=False,
            cwd="/",
            env={},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        # Not the script's fault: what takes long takes CPU time, and that limit is a tenth of the wait.
        raise CheckFailure(f"no process to check a script in: {error}") from error
    finally:
        _SLOTS.release()
    if done.returncode < 0:
        raise too_complex()
    if done.returncode > 0:
        raise CheckFailure(f"checking a script failed: {done.stderr[-500:].decode(errors='replace')}")
    verdict = json.loads(done.stdout)
    if verdict:
        raise Rejection(**verdict)


def child() -> None:
    """Read a script from standard input, write its rejection or null to standard output, and end."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    # Most of the time would go into looking for garbage in a tree that has none.
    gc.disable()
    script = sys.stdin.buffer.read().decode()
    verdict = None
    try:
        check(script, survey(parse(script)), restricted=sys.argv[2] == "1")
    except Rejection as rejection:
        verdict = vars(rejection)
    except MemoryError:
        verdict = vars(too_complex())
    print(json.dumps(verdict), flush=True)
    # To free a large tree would take as long as to build it.
    os._exit(0)
