"""Programs of npm for tests."""

import shutil
import subprocess
from pathlib import Path

from tests.support.need import need
from tests.support.programs import need_program

#: Seconds to download and install the packages.
_WITHIN = 110


def install(source: Path, folder: Path, *, optional: bool = False) -> Path:
    """Install the packages that a folder pins, into another one; return their programs' folder.

    With `optional` also the optional packages: programs for one platform are such packages.
    """
    need_program("node")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(source / name, folder)
    command = [need_program("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    command += [] if optional else ["--omit=optional"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=_WITHIN, check=False, text=True)
    if done.returncode:
        need(f"npm cannot install what {source.name} pins: {done.stderr[-500:]}")
    return folder / "node_modules/.bin"
