"""Virtual environments for programs of others that use the service, each built once on a machine."""

import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from environments.platform import PLATFORM
from tests.support.checkout import ROOT
from tests.support.need import need

#: Seconds to download and install the packages of one lock file.
_BUILD_TIMEOUT: Final = 600


def build_client_environment(name: str) -> Path:
    """Return the interpreter of an environment that has the packages of requirements/clients/NAME.lock.

    The environment does not have this project's client, because other checkouts use the environment too.
    `tests.support.client_wheel.unpack_client` makes a folder for PYTHONPATH that has the client.
    """
    lock = ROOT / f"requirements/clients/{name}.lock"
    folder = _cache() / f"{name}-{hashlib.sha256(lock.read_bytes()).hexdigest()[:16]}-{PLATFORM}"
    folder.mkdir(parents=True, exist_ok=True)
    python, complete = folder / "venv/bin/python", folder / "complete"
    # Two runs of the tests can come here at the same time.
    with (folder / "tests.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not complete.exists() or not python.exists():
            complete.unlink(missing_ok=True)
            run_uv("venv", "--clear", "--python", sys.executable, str(folder / "venv"))
            install = ("pip", "install", "--python", str(python), "--only-binary", ":all:", "--no-deps")
            run_uv(*install, "--require-hashes", "--requirement", str(lock))
            complete.touch()
    return python


def _cache() -> Path:
    return Path.home() / ".cache/python-executor/clients"


def run_uv(*arguments: str) -> None:
    """Run uv, or skip the test if it fails. With CI set, fail it."""
    ran = subprocess.run(
        [Path(sys.executable).with_name("uv"), *arguments],
        env={**os.environ, "UV_NO_PROGRESS": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=_BUILD_TIMEOUT,
    )
    if ran.returncode:
        need(f"uv {arguments[0]} failed: {ran.stderr.strip()}")
