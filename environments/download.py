"""Download the wheels of a lock file with pip, which knows the operator's index, proxy and certificates."""

import ctypes
import hashlib
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from environments.lock import Lock, Pin
from environments.refusal import Refusal, shown

#: -I: neither the folder of the command nor the user's packages can replace a part of pip.
_PIP: Final = (sys.executable, "-I", "-m", "pip")

#: -vv: pip names the files that it passes over, and why.
_DOWNLOAD: Final = (
    *(*_PIP, "download", "-vv", "--disable-pip-version-check", "--no-input", "--progress-bar", "off"),
    *("--only-binary", ":all:", "--require-hashes", "--no-deps"),
)

#: Seconds for the wheel of one package.
_SECONDS: Final = 1800.0

_PR_SET_PDEATHSIG: Final = 1
_LIBC: Final = ctypes.CDLL(None)


def fetch(lock: Lock, folder: Path, say: Callable[[str], None]) -> Iterator[tuple[Pin, Path]]:
    """Yield the wheel of each package. A wheel that an earlier build downloaded is used again.

    Args:
        lock: The lock file.
        folder: The folder for the wheels.
        say: Shows a line of progress.

    Raises:
        Refusal: A wheel cannot be downloaded, or has another hash.
    """
    folder.mkdir(exist_ok=True)
    there = {sha256(path): path for path in folder.glob("*.whl")}
    for number, pin in enumerate(lock.pins, 1):
        say(f"{number} of {len(lock.pins)}: {pin}")
        found = [path for digest, path in there.items() if digest in pin.hashes]
        yield pin, found[0] if found else _download(pin, folder)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _download(pin: Pin, folder: Path) -> Path:
    """Download the wheel of one package; return its file in the folder."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        requirement = Path(place, "requirement.txt")
        hashes = " ".join(f"--hash=sha256:{digest}" for digest in sorted(pin.hashes))
        requirement.write_text(f"{pin.name}=={pin.version} {hashes}\n")
        target = Path(place, "wheel")
        command = [*_DOWNLOAD, "--dest", str(target), "--requirement", str(requirement)]
        try:
            ran = subprocess.run(
                command,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                timeout=_SECONDS,
                # An interrupted pip leaves its temporary files there, and they are removed with the rest.
                env={**os.environ, "TMPDIR": place},
                # The command has one thread. An orphaned pip would go on writing.
                preexec_fn=_end_with_parent,
            )
        except subprocess.TimeoutExpired:
            raise Refusal(f"{pin}: not downloaded after {_SECONDS:g} seconds") from None
        wheels = list(target.glob("*")) if target.is_dir() else []
        if ran.returncode or len(wheels) != 1:
            raise Refusal(f"{pin}: {explain(ran.stdout + ran.stderr, pin)}")
        if sha256(wheels[0]) not in pin.hashes:
            raise Refusal(f"{pin}: {shown(wheels[0].name)} has a hash that the lock does not have")
        return wheels[0].rename(folder / wheels[0].name)


def explain(output: str, pin: Pin) -> str:
    """Return in words why pip did not download a wheel.

    Args:
        output: What pip printed.
        pin: The package.
    """
    if "No module named pip" in output:
        return f"pip is not installed for {sys.executable}"
    if "DO NOT MATCH THE HASHES" in output:
        return "the wheel for this Python and platform has a hash that the lock does not have"
    other_python = rf"requires a different Python|\b{re.escape(pin.version)} Requires-Python"
    if re.search(other_python, output):
        return "its wheel is for another version of Python"
    if "No matching distribution" in output:
        # pip passes over files of other versions too.
        version = rf"[-_]{re.escape(pin.version)}(?=[-_.][^\d])"
        over = [line for line in output.splitlines() if "Skipping link" in line and re.search(version, line)]
        if any("tags" in line for line in over):
            return "its wheels are for another Python or platform"
        if any("No sources permitted" in line for line in over):
            return "there is only a source distribution, and environments are built from wheels"
        if re.search(r"Could not fetch URL (?!.*\b404 Client Error)", output):
            # pip's own reason is not shown: the address of an index can hold a password.
            return f"an index cannot be read: `pip download --no-deps {pin.name}=={pin.version}` shows why"
        return "the index has no such version"
    errors = [line.removeprefix("ERROR:").strip() for line in output.splitlines() if "ERROR" in line]
    last = (errors or output.strip().splitlines() or ["no output"])[-1]
    return f"pip failed: {shown(last)}"


def _end_with_parent() -> None:
    """Have the kernel kill this process when the command dies (prctl(2))."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
