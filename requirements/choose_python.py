"""Choose the interpreter of .venv: of those on PATH, the one that runs the service fastest.

    python3 requirements/choose_python.py            compare the interpreters on PATH
    python3 requirements/choose_python.py PYTHON     take this one

Standard output gets the path of the interpreter, standard error gets one line about the choice. A build
without profile-guided optimisation (PGO) takes a third more CPU time. Its flags do not tell: Debian's
interpreter has it, and sysconfig does not show it. So each interpreter starts and runs a short program, in
turns, and its least CPU time counts.

Any Python 3.7 or newer can run this file.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

#: Fails in an interpreter that is not supported: what the service needs, and what makes .venv.
_DESCRIBE = """
import ensurepip, os, sys, sysconfig, venv
if sys.version_info < (3, 11) or sysconfig.get_config_var("Py_GIL_DISABLED"): sys.exit(1)
print(os.path.realpath(sys.executable), "%d.%d.%d" % sys.version_info[:3])
"""

#: What the service spends its time on: calls, texts, dicts, JSON, exceptions and the compiler.
_WORK = """
import json
class Job:
    def __init__(self, number):
        self.number, self.inputs = number, {"a": [number, "x", 1.5, None, True]}
    def run(self):
        try:
            return self.inputs["b"]
        except KeyError:
            return {name: str(value) for name, value in self.inputs.items()}
for number in range(4000):
    json.loads(json.dumps(Job(number).run()))
for number in range(160):
    compile("def main(a, b=2): return {'sum': a + b, 'n': [n * n for n in range(a)]}", "script", "exec")
"""

#: Rounds of the comparison, and how many starts count as much as one run of the program.
_ROUNDS, _STARTS = 7, 4

#: An interpreter that takes this much more than the fastest, as a share, is as fast.
_NOISE = 0.03

_NAME = re.compile(r"python3(\.\d+)?")


def main() -> None:
    """Print the path of the interpreter, or exit with status 1 if there is none."""
    given = sys.argv[1:2]
    versions = supported(given or on_path())
    if not versions:
        sys.exit(
            "make: Python 3.11 or newer is needed, not free-threaded, and with its venv module (on Debian: "
            "apt-get install python3-venv); PYTHON=/path/to/python chooses one"
        )
    named = {path: f"{path} (Python {version})" for path, version in versions.items()}
    if len(named) == 1:
        [chosen] = named
        reason = ""
    else:
        took = measure(list(named))
        chosen = fastest(took)
        others = [f"{took[path] * 1000:.0f} ms of {named[path]}" for path in named if path != chosen]
        reason = f": it took {took[chosen] * 1000:.0f} ms of CPU time in a trial, against {', '.join(others)}"
    print(f"Preparing .venv with {named[chosen]}{reason}", file=sys.stderr)
    print(chosen)


def on_path() -> list[str]:
    """Return the programs on PATH that may be interpreters, in the order of PATH, `python3` first."""
    programs: list[str] = []
    for folder in os.get_exec_path():
        try:
            found = [path for path in Path(folder).iterdir() if _NAME.fullmatch(path.name)]
        except OSError:
            continue
        programs += map(str, sorted(found, key=lambda path: (len(path.name), path.name)))
    return programs


def supported(programs: list[str]) -> dict[str, str]:
    """Return the versions of the supported interpreters by their paths, in the given order."""
    versions: dict[str, str] = {}
    for program in programs:
        command = [program, "-I", "-c", _DESCRIBE]
        try:
            answer = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
        except (OSError, subprocess.SubprocessError):
            continue
        path, version = answer.stdout.rsplit(maxsplit=1)
        versions.setdefault(path, version)
    return versions


def measure(paths: list[str]) -> dict[str, float]:
    """Return the CPU seconds of _STARTS starts and a run of the program, by path: the least of all rounds."""
    starts, runs = {path: [] for path in paths}, {path: [] for path in paths}
    for _ in range(_ROUNDS):
        for path in paths:
            starts[path].append(_cpu_seconds(path, "pass"))
            runs[path].append(_cpu_seconds(path, _WORK))
    return {path: _STARTS * min(starts[path]) + min(runs[path]) for path in paths}


def fastest(took: dict[str, float]) -> str:
    """Return the first path that is as fast as the fastest."""
    most = min(took.values()) * (1 + _NOISE)
    return next(path for path, seconds in took.items() if seconds <= most)


def _cpu_seconds(path: str, program: str) -> float:
    """Run a program with an interpreter and return the CPU seconds that it took, user and system."""
    process = subprocess.Popen([path, "-I", "-S", "-c", program])
    usage = os.wait4(process.pid, 0)[2]
    process.returncode = 0
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
