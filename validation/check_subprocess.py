"""Check a script in a child process, for scripts that can overload CPython's compiler.

A short text can keep the compiler busy for minutes, take gigabytes or crash it. A `finally` inside a
`finally` is compiled twice, combining marks on one letter are sorted in quadratic time, and comprehensions
nested 23 deep overrun a table in CPython 3.12 and 3.13. A large script holds the interpreter lock for a
second, even when it is harmless. In a child process, the worst script costs bounded time and memory and
delays no other request. The caller bounds the number of children at once.

    request                            child process: python -I -S -c ...
      start, send a line of JSON         set limits on CPU time and memory
      and then the script     -stdin->   parse, survey, check
      read the answer        <-stdout-   JSON: the rejection or null, the CPU time

The child compiles the script and never runs it. The parent trusts the child's answer.
"""

import ctypes
import gc
import json
import os
import pkgutil
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jobs.limits import MB
from validation.errors import CheckFailure, Rejection, too_complex
from validation.rules import Rule, check
from validation.survey import survey
from validation.syntax import parse, without_mark

#: The limits of the child. The worst script of 1 MB that is merely long, one statement after another,
#: needs 2.2 s and 750 MB.
_CPU_SECONDS: Final = 3
_MEMORY_BYTES: Final = 1024 * MB
_WALL_SECONDS: Final = 60

#: Lowers the priority of the child, so that two of them leave CPU time for other requests and jobs.
_NICE: Final = 5

_PR_SET_DUMPABLE: Final = 4

_CHILD: Final = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from validation import check_subprocess; "
    "check_subprocess.child()"
)


@dataclass(frozen=True, slots=True)
class SubprocessCheck:
    """The result of a check.

    Attributes:
        rejection: The rule that the script breaks, None if it breaks none.
        cpu_seconds: The CPU time of the child process.
    """

    rejection: Rejection | None
    cpu_seconds: float


def check_in_subprocess(
    script: str,
    extra_rule: Rule | None = None,
    *,
    needs_main: bool = True,
    modules: Set[str] = frozenset(),
) -> SubprocessCheck:
    """Apply the rules for every script, then `extra_rule`, in a child process; see `validation.rules.check`.

    Raises:
        CheckFailure: No child process could check the script.
    """
    root = Path(__file__).resolve().parents[1]
    how = {
        # The child imports the rule by its name.
        "extra_rule": f"{extra_rule.__module__}:{extra_rule.__qualname__}" if extra_rule else "",
        "needs_main": needs_main,
        "modules": sorted(modules),
    }
    command = [sys.executable, "-I", "-S", "-B", "-c", _CHILD, str(root)]
    try:
        finished = subprocess.run(
            command,
            # Not as arguments: the kernel bounds the length of those, and packages can have many modules.
            input=f"{json.dumps(how)}\n{script}".encode(),
            capture_output=True,
            timeout=_WALL_SECONDS,
            check=False,
            cwd="/",
            env={},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        # The script is not at fault: a slow check uses CPU time, and that limit is far below this timeout.
        raise CheckFailure(f"no process to check a script in: {error}") from error
    if finished.returncode == -signal.SIGKILL:
        # The machine has no memory left. The child has a limit of its own, which raises MemoryError in it.
        raise CheckFailure("the process that checked a script was killed")
    if finished.returncode < 0:
        # The script crashed the compiler, or used up the child's CPU time (SIGXCPU).
        return SubprocessCheck(too_complex(), _CPU_SECONDS)
    if finished.returncode > 0:
        raise CheckFailure(f"checking a script failed: {finished.stderr[-500:].decode(errors='replace')}")
    rejection, cpu_seconds = json.loads(finished.stdout)
    return SubprocessCheck(Rejection(**rejection) if rejection else None, cpu_seconds)


def _prevent_core_dumps() -> None:
    """Keep a crash of the compiler from starting the host's core-dump helper.

    The kernel dumps no process that is not dumpable. A limit on core files of 0 does not prevent it if
    core_pattern is a pipe (man 5 core).
    """
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def child() -> None:
    """Check the script on standard input, write the answer to standard output, and exit."""
    how = json.loads(sys.stdin.buffer.readline())
    extra_rule: Rule | None = pkgutil.resolve_name(how["extra_rule"]) if how["extra_rule"] else None
    modules = frozenset(how["modules"])
    os.nice(_NICE)
    _prevent_core_dumps()
    # At the hard limit the kernel would send SIGKILL.
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    # Otherwise most of the time goes into searching for garbage in a tree that has none.
    gc.disable()
    script = without_mark(sys.stdin.buffer.read().decode())
    rejection = None
    try:
        check(script, survey(parse(script)), extra_rule, needs_main=how["needs_main"], modules=modules)
    except Rejection as error:
        rejection = vars(error)
    except MemoryError:
        rejection = vars(too_complex())
    print(json.dumps((rejection, time.process_time())), flush=True)
    # Without freeing the tree, which would take as long as building it.
    os._exit(0)
