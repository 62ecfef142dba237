"""Wheels and lock files that tests make, and the command that builds environments from them."""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from environments.build import build
from environments.folder import Folder
from environments.refusal import Refusal
from tests.support.checkout import ROOT

COMMAND: Final = (sys.executable, "-P", "-m", "environments")


def write_wheel(
    folder: Path,
    name: str = "shapes",
    version: str = "1.0",
    files: Mapping[str, str | bytes] | None = None,
    *,
    tag: str = "py3-none-any",
    metadata: str = "License-Expression: MIT\n",
    file_name: str | None = None,
) -> Path:
    """Write a wheel into a folder; return its path.

    Args:
        folder: The folder.
        name: The name of the package.
        version: Its version.
        files: The content of each file by its path; by default one module of the package's name.
        tag: The Python and platform that it is for.
        metadata: Lines of its METADATA after name and version.
        file_name: The name of the file, if it is an odd one.
    """
    info = f"{name}-{version}.dist-info"
    content = {
        path: text.encode() if isinstance(text, str) else text
        for path, text in (files if files is not None else {f"{name}.py": "SIDES = 4\n"}).items()
    }
    content[f"{info}/METADATA"] = (
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{metadata}".encode()
    )
    content[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n".encode()
    rows = [f"{path},sha256={_record_hash(data)},{len(data)}" for path, data in content.items()]
    content[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,", ""]).encode()
    wheel = folder / (file_name or f"{name}-{version}-{tag}.whl")
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, data in content.items():
            # ZipInfo has a fixed time, so the same files give the same wheel.
            archive.writestr(zipfile.ZipInfo(path), data)
    return wheel


def _record_hash(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def pin(wheel: Path) -> str:
    """Return the entry of a lock file for a wheel."""
    name, version, *_ = wheel.name.split("-")
    return f"{name}=={version} \\\n    --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"


def write_lock(path: Path, wheels: Sequence[Path]) -> Path:
    """Write a lock file with the given wheels; return its path."""
    path.write_text("".join(map(pin, wheels)))
    return path


@dataclass(frozen=True)
class Workbench:
    """A folder of wheels that pip uses as its index, and a folder of environments.

    Attributes:
        wheels: The folder of wheels.
        environments: The setting ENVIRONMENTS.
    """

    wheels: Path
    environments: Path

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables of the command."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("PIP_")},
            "ENVIRONMENTS": str(self.environments),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.wheels),
            # pip would read settings of this machine, such as another index.
            "PIP_CONFIG_FILE": os.devnull,
        }

    def lock(self, *wheels: Path, name: str = "some.lock") -> Path:
        """Write a lock file beside the wheels; return its path."""
        return write_lock(self.wheels / name, wheels)

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run the command and return how it ended."""
        return subprocess.run(
            [*COMMAND, *map(str, arguments)],
            cwd=ROOT,
            env=self.variables,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def download(self, *wheels: Path) -> None:
        """Put wheels where an interrupted build leaves them. The next build then needs no pip, which is slow."""
        downloads = self.environments / ".downloads"
        downloads.mkdir(parents=True, exist_ok=True)
        for wheel in wheels:
            shutil.copy(wheel, downloads)

    def build(self, *wheels: Path, name: str = "data") -> Path:
        """Build an environment from wheels without the command, which is slow; return the folder of its packages."""
        self.download(*wheels)
        build(Folder(self.environments), name, self.lock(*wheels), lambda _: None)
        return (self.environments / name / "packages").resolve()

    def refusal(self, *wheels: Path) -> str:
        """Return the line with which a build from wheels is refused, without the command."""
        with pytest.raises(Refusal) as refused:
            self.build(*wheels)
        (line,) = str(refused.value).splitlines()
        return line

    def refusal_of(self, lock: Path) -> str:
        """Return the line with which the command refuses to build from a lock file."""
        ran = self.run("build", "data", lock)
        assert ran.returncode == 1, ran.stdout + ran.stderr
        (line,) = ran.stderr.splitlines()
        return line.removeprefix("python-executor environment: ")
