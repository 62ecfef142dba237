"""Run a machine: start it from an image with the checkout, wait for its end, and read the results."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from tests.support.checkout import clone_checkout
from tests.support.machine.emulator import Emulator, Files
from tests.support.machine.image import ENVIRONMENT, Image

#: The line that the agent prints when the machine has started.
STARTED: Final = "machine: started"

#: Seconds that a machine may run, with its start. Alone on two processors it takes eight minutes,
#: with 0.8 of one sixteen.
_RUN_TIMEOUT: Final = 2400

#: Seconds for one command that prepares a disk.
_PREPARE_TIMEOUT: Final = 120

_CHECKOUT_SIZE: Final = 128 << 20
_RESULTS_SIZE: Final = 16 << 20
_TAIL: Final = 30


class MachineError(Exception):
    """No machine started; the message has the last lines of each console."""


@dataclass(frozen=True)
class Result:
    """The result of one check in the machine.

    Attributes:
        passed: Whether the check passed.
        seconds: Its wall time.
        output: Its output, or how it failed.
    """

    passed: bool
    seconds: float
    output: str


@dataclass(frozen=True)
class Report:
    """What is known of a machine that has ended.

    Attributes:
        emulator: The name of its emulator.
        console: The last lines of its console.
        results: The results of the checks by name. A check that did not end has none.
    """

    emulator: str
    console: str
    results: Mapping[str, Result]

    def result(self, name: str) -> Result:
        """Return the result of a check; one that did not end has failed."""
        missing = Result(False, 0, f"no result; the machine ({self.emulator}) ended with:\n{self.console}")
        return self.results.get(name, missing)


def parse_results(text: bytes) -> dict[str, Result]:
    """Read what the checks wrote: a JSON object and a zero byte. A machine that was killed may have written none."""
    written, end, _ = text.partition(b"\0")
    found: dict[str, Any] = json.loads(written) if end and written else {}
    return {name: Result(**result) for name, result in found.items()}


def last_lines(console: str) -> str:
    """Return the last lines of a console that say something."""
    lines = [line.rstrip() for line in console.replace("\r", "\n").splitlines()]
    return "\n".join([line for line in lines if line][-_TAIL:])


def run_machine(image: Image, emulators: Sequence[Emulator]) -> Report:
    """Run the checks in a machine of the first emulator that starts one.

    Raises:
        MachineError: None started one.
    """
    failures = []
    with TemporaryDirectory(prefix="machine-") as folder:
        scratch = Path(folder)
        job = _checkout_disk(scratch)
        for emulator in emulators:
            results = scratch / "results"
            results.write_bytes(b"")
            os.truncate(results, _RESULTS_SIZE)
            files = Files(image.disk, image.kernel, image.initrd, job, results, scratch)
            console, started = _run(emulator, files)
            if started:
                return Report(emulator.name, last_lines(console), parse_results(results.read_bytes()))
            failures.append(f"{emulator.name} did not start; its console ended with:\n{last_lines(console)}")
            print(f"machine: {failures[-1]}", file=sys.stderr)
    raise MachineError("\n".join(failures))


def _checkout_disk(scratch: Path) -> Path:
    """Make the second disk: the checkout, with byte code, readable by every user."""
    clone = scratch / "checkout"
    clone_checkout(clone)
    (clone / ".venv").symlink_to(ENVIRONMENT)
    disk = scratch / "job"
    disk.touch()
    os.truncate(disk, _CHECKOUT_SIZE)
    # In the machine, compiling would take half a minute. The scripts of some tests do not compile.
    _prepare(sys.executable, "-W", "ignore", "-m", "compileall", "-q", str(clone), statuses=(0, 1))
    _prepare("chmod", "-R", "a+rX", str(clone))
    _prepare("mkfs.ext4", "-q", "-F", "-O", "^has_journal", "-d", str(clone), str(disk))
    return disk


def _prepare(*command: str, statuses: Sequence[int] = (0,)) -> None:
    ran = subprocess.run(command, capture_output=True, text=True, timeout=_PREPARE_TIMEOUT, check=False)
    if ran.returncode not in statuses:
        raise MachineError(f"{command[0]} failed: {ran.stderr}")


def _run(emulator: Emulator, files: Files) -> tuple[str, bool]:
    """Run a machine to its end; return its console, and whether the machine started."""
    log = files.scratch / "console"
    # The emulator must not outlive this process.
    command = ["setpriv", "--pdeathsig", "KILL", *emulator.command(files)]
    with log.open("wb") as output:
        machine = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, "TMPDIR": str(files.scratch)},
            start_new_session=True,
        )
        try:
            began = time.monotonic()
            started = False
            while machine.poll() is None and time.monotonic() < began + _RUN_TIMEOUT:
                started = started or STARTED in log.read_text(errors="replace")
                if not started and time.monotonic() > began + emulator.start_timeout:
                    break
                time.sleep(0.5)
        finally:
            machine.kill()
            machine.wait()
    console = log.read_text(errors="replace")
    return console, STARTED in console
