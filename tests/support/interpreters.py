"""The interpreters of other versions of Python that the machine has."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.support.need import need


def need_interpreter(version: str) -> Path:
    """Return the interpreter of a version such as 3.12, or skip the test; with CI set, fail it.

    It is looked up as `python3.12` on PATH, and among the versions that pyenv has installed.
    """
    found = next((path for path in _candidates(version) if _runs(path, version)), None)
    return found or need(f"python{version} is not installed")


def _runs(path: Path, version: str) -> bool:
    # On PATH there may be a command of pyenv that only says that the version is not selected.
    print_version = "import sys; print('%d.%d' % sys.version_info[:2])"
    ran = subprocess.run([path, "-c", print_version], capture_output=True, text=True, check=False)
    return ran.returncode == 0 and ran.stdout.strip() == version


def _candidates(version: str) -> Iterator[Path]:
    if version == "{}.{}".format(*sys.version_info):
        yield Path(sys.executable)
    if found := shutil.which(f"python{version}"):
        yield Path(found)
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from sorted(root.glob(f"versions/{version}.*/bin/python{version}"), reverse=True)
