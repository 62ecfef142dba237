"""Small packages for the jails of tests."""

import re
import shutil
import subprocess
import tempfile
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sandbox.packages import Packages


@contextmanager
def made_packages(
    modules: Mapping[str, str], *, folders: tuple[Path, ...] = (), environment: str = "small", **fields: Any
) -> Iterator[Packages]:
    """Make the packages of an environment, in a folder that the users of jails may enter.

    Args:
        modules: The text of each module, by its name.
        folders: Folders of packages to copy.
        environment: The name of the environment.
        fields: Other fields of `Packages`.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        for module, text in modules.items():
            (folder / f"{module}.py").write_text(textwrap.dedent(text))
        for copied in folders:
            shutil.copytree(copied, folder / copied.name)
        yield Packages(environment, f"sha256:{environment}", folder, **fields)


def libraries_of(folder: Path) -> tuple[Path, ...]:
    """Return the shared libraries of the host that the modules in a folder load."""
    shown = subprocess.run(["ldd", *folder.rglob("*.so")], capture_output=True, text=True, check=True).stdout
    return tuple(Path(path) for path in sorted(set(re.findall(r"=> (/\S+) \(", shown))))
