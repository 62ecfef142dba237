"""The environment `data`, built with the project's own command, once on a machine for each lock file and Python."""

import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from environments.installed import Installed, examine
from environments.platform import PLATFORM
from sandbox.packages import Packages
from tests.support.checkout import ROOT
from tests.support.need import need

_LOCK: Final = ROOT / "requirements/environments/data.lock"

#: Seconds to download and build it.
_BUILD_TIMEOUT: Final = 900


def build_data_environment() -> Packages:
    """Return the packages of `data`, after building it if this machine does not have it yet.

    The folder with the name `data` is the setting ENVIRONMENTS of a service that offers it.
    """
    # Tests with another Python must not replace it.
    folder = _cache() / f"{hashlib.sha256(_LOCK.read_bytes()).hexdigest()[:16]}-{PLATFORM}"
    folder.mkdir(parents=True, exist_ok=True)
    # Two runs of the tests can come here at the same time.
    with (folder / "tests.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _find(folder) or _build(folder)


def _cache() -> Path:
    """Return the folder of all built environments. The jails of root's workers could not enter root's home."""
    cache = Path("/var/cache") if os.geteuid() == 0 else Path.home() / ".cache"
    return cache / "python-executor/environments"


def _find(folder: Path) -> Packages | None:
    found = [one.packages for one in examine(folder) if isinstance(one, Installed)]
    return found[0] if found else None


def _build(folder: Path) -> Packages:
    ran = subprocess.run(
        [sys.executable, "-m", "environments", "build", "data", _LOCK],
        cwd=ROOT,
        env={**os.environ, "ENVIRONMENTS": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=_BUILD_TIMEOUT,
    )
    if ran.returncode or not (found := _find(folder)):
        need(f"the environment data cannot be built: {ran.stderr.strip()}")
    return found
