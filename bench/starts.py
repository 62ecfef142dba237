"""What the service is compared with: starting an interpreter, bare and in a jail."""

import os
import platform
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import config
from bench.scripts import MODERATE_PROGRAM
from config.settings import Settings
from sandbox.isolation import Isolation
from sandbox.jail import root
from sandbox.jail.binary import find_nsjail
from sandbox.jail.command import JailConfig, environment, preflight_command
from sandbox.jail.user import pick_outside_user

#: Isolated and without site, as in the jails.
_FLAGS = ("-I", "-S")


@dataclass(frozen=True, slots=True)
class Start:
    """A command and its environment."""

    argv: list[str]
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Starts:
    """What is started. system: the machine's own interpreter, where that is another one."""

    bare: Start
    cold: Start
    moderate: Start
    system: Start | None


@contextmanager
def prepared(settings: Settings) -> Iterator[Starts]:
    """Make the commands, and what they need, for as long as the context lasts."""
    interpreter = Path(sys.executable).resolve()
    system = Path("/usr/bin/python3").resolve()
    with TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        root.begin(folder / "root")
        root.complete(folder / "root")
        program = folder / "moderate.py"
        program.write_text(MODERATE_PROGRAM)
        yield Starts(
            bare=Start([str(interpreter), *_FLAGS, "-c", "pass"]),
            cold=_in_a_jail(settings, folder / "root"),
            moderate=Start([str(interpreter), *_FLAGS, str(program)]),
            system=Start([str(system), *_FLAGS, "-c", "pass"]) if _another(system, interpreter) else None,
        )


def _another(system: Path, interpreter: Path) -> bool:
    return system.exists() and system != interpreter


def _in_a_jail(settings: Settings, jail_root: Path) -> Start:
    """Return the command of a jail as the worker starts it, with an interpreter that does nothing."""
    binary = find_nsjail(settings.nsjail)
    jails = JailConfig(binary, Path(config.__path__[0]), platform.machine(), jail_root)
    jail = preflight_command(jails, Isolation.FRESH, pick_outside_user())
    return Start([*jail[: jail.index("--") + 1], root.PYTHON, *_FLAGS, "-c", "pass"], environment(jails))


def start(what: Start) -> float:
    """Run it to its end and return the milliseconds it took. Raises AssertionError if it failed."""
    silence = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    began = time.perf_counter()
    pid = os.posix_spawn(what.argv[0], what.argv, what.environment, file_actions=silence)
    _, status = os.waitpid(pid, 0)
    took = time.perf_counter() - began
    assert status == 0, f"{what.argv[0]} ended with wait status {status}"
    return took * 1000


def per_second(what: Start, seconds: float) -> float:
    """Start it as often as the machine can, one at a time on every core; return how often."""
    began = time.perf_counter()
    counts: list[int] = []

    def again_and_again() -> None:
        count = 0
        while time.perf_counter() - began < seconds:
            start(what)
            count += 1
        counts.append(count)

    threads = [threading.Thread(target=again_and_again) for _ in os.sched_getaffinity(0)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - began)
