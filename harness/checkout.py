"""A working copy of the project."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

#: The checkout that this file belongs to.
ROOT: Final = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Checkout:
    """A working copy of the project and the command installed for it.

    Attributes:
        folder: The working copy.
        command: Its `python-executor`.
    """

    folder: Path
    command: Path

    @classmethod
    def this(cls) -> Self:
        """Return the checkout of this file, with the environment of this interpreter."""
        return cls(ROOT, Path(sys.executable).with_name("python-executor"))

    @classmethod
    def at(cls, folder: Path) -> Self:
        """Return another checkout. Raises FileNotFoundError if `make install` has not been run there."""
        checkout = cls(folder.resolve(), folder.resolve() / ".venv" / "bin" / "python-executor")
        if not checkout.command.exists():
            raise FileNotFoundError(f"{checkout.command} is missing: run `make install` in {folder}")
        return checkout

    def describe_python(self) -> str:
        """Return how the checkout's interpreter was built, because builds differ in speed."""
        command = [str(self.command.with_name("python")), str(ROOT / "harness" / "python_build.py")]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
