"""The command `pyexec` in tests."""

import os
import subprocess
import sys
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.support.terminal import Terminal, in_terminal

#: The command of this checkout.
PROGRAM: Final = Path(sys.executable).with_name("pyexec")

#: Seconds that it may take.
_WITHIN: Final = 60


@dataclass(frozen=True)
class Ran:
    """A command that has ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Pyexec:
    """The command, with the service that it uses and the folder that it runs in."""

    url: str
    folder: Path
    key: str = ""
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """Its environment variables."""
        return {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "PYTHON_EXECUTOR_URL": self.url,
            "PYTHON_EXECUTOR_KEY": self.key,
            **self.variables,
        }

    def __call__(self, *arguments: str, stdin: bytes | str = b"") -> Ran:
        """Run it with pipes."""
        ran = subprocess.run(
            [PROGRAM, *arguments],
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            check=False,
            timeout=_WITHIN,
        )
        return Ran(ran.returncode, ran.stdout.decode(), ran.stderr.decode())

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start it with pipes."""
        return subprocess.Popen(
            [PROGRAM, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.environment,
            cwd=self.folder,
        )

    def in_terminal(self, *arguments: str) -> AbstractContextManager[Terminal]:
        """Run it in a terminal."""
        return in_terminal([PROGRAM, *arguments], self.environment, self.folder)
