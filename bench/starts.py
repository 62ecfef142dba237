"""Starts of an interpreter without the service: alone, and in a new jail."""

import os
import platform
import resource
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

#: Isolated mode without the site module, as in the jails.
_FLAGS = ("-I", "-S")


@dataclass(frozen=True, slots=True)
class Start:
    """A command and its environment."""

    argv: list[str]
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Starts:
    """The commands with which the service is compared.

    Attributes:
        bare: The interpreter of the jails, alone.
        cold: The same in a new jail.
        moderate: The moderate program, without the service.
        system: `/usr/bin/python3`, or None if that is the same interpreter.
    """

    bare: Start
    cold: Start
    moderate: Start
    system: Start | None


@contextmanager
def prepare(settings: Settings) -> Iterator[Starts]:
    """Make the commands and the files they need, until the context ends."""
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
            cold=_make_jailed_start(settings, folder / "root"),
            moderate=Start([str(interpreter), *_FLAGS, str(program)]),
            system=Start([str(system), *_FLAGS, "-c", "pass"]) if _is_other(system, interpreter) else None,
        )


def _is_other(system: Path, interpreter: Path) -> bool:
    return system.exists() and system != interpreter


def _make_jailed_start(settings: Settings, jail_root: Path) -> Start:
    """Return the command of a jail as the worker starts it, with an interpreter that does nothing."""
    binary = find_nsjail(settings.nsjail)
    jail_config = JailConfig(binary, Path(config.__path__[0]), platform.machine(), jail_root)
    jail = preflight_command(jail_config, Isolation.FRESH, pick_outside_user())
    return Start(
        [*jail[: jail.index("--") + 1], root.PYTHON, *_FLAGS, "-c", "pass"], environment(jail_config)
    )


@dataclass(frozen=True, slots=True)
class StartUsage:
    """What the kernel counted for one start.

    Attributes:
        user: CPU seconds in the program.
        system: CPU seconds in the kernel.
        faults: Page faults.
        switches: Context switches.
    """

    user: float
    system: float
    faults: int
    switches: int

    @property
    def seconds(self) -> float:
        """CPU seconds."""
        return self.user + self.system


def time_start(command: Start) -> float:
    """Run a command to its end and return the milliseconds. Raises AssertionError if it fails."""
    began = time.perf_counter()
    _run(command)
    return (time.perf_counter() - began) * 1000


def measure_start_cpu(command: Start) -> StartUsage:
    """Run a command to its end and return what it took. Raises AssertionError if it fails."""
    usage = _run(command)
    return StartUsage(usage.ru_utime, usage.ru_stime, usage.ru_minflt, usage.ru_nvcsw + usage.ru_nivcsw)


def _run(command: Start) -> resource.struct_rusage:
    no_output = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    pid = os.posix_spawn(command.argv[0], command.argv, command.environment, file_actions=no_output)
    _, status, usage = os.wait4(pid, 0)
    assert status == 0, f"{command.argv[0]} ended with wait status {status}"
    return usage


def count_starts_per_second(command: Start, seconds: float) -> float:
    """Start a command repeatedly, one at a time on each core; return the starts per second."""
    began = time.perf_counter()
    counts: list[int] = []

    def start_repeatedly() -> None:
        count = 0
        while time.perf_counter() - began < seconds:
            time_start(command)
            count += 1
        counts.append(count)

    threads = [threading.Thread(target=start_repeatedly) for _ in os.sched_getaffinity(0)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - began)
