"""The wheel of the client, built from the checkout."""

import subprocess
import sys
import zipfile
from pathlib import Path

from tests.support.checkout import ROOT


def build_client_wheel(folder: Path) -> Path:
    """Build the wheel of the client in a folder; return its path."""
    command = (sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder))
    subprocess.run(command, cwd=ROOT / "client", capture_output=True, check=True)
    (wheel,) = folder.glob("python_executor_client-*.whl")
    return wheel


def unpack_client(folder: Path) -> Path:
    """Unpack the wheel of the client into a folder, which is then for PYTHONPATH; return the folder.

    So an environment of `build_client_environment` can import the client of this checkout.
    """
    with zipfile.ZipFile(build_client_wheel(folder)) as wheel:
        wheel.extractall(folder)
    return folder
