"""The commands that a release runs, and what it tells the person who waits."""

import subprocess
import sys
from pathlib import Path


class ReleaseError(Exception):
    """The release cannot be made. The message is one line."""


def run(*command: str, cwd: Path | None = None) -> str:
    """Run a command and return its output.

    Raises:
        ReleaseError: It failed. Its error output has been passed on.
    """
    try:
        return subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, text=True, check=True).stdout
    except FileNotFoundError:
        raise ReleaseError(f"{command[0]} is not installed") from None
    except subprocess.CalledProcessError as error:
        raise ReleaseError(f"`{' '.join(command)}` failed with status {error.returncode}") from None


def report(line: str) -> None:
    """Print a line about the progress."""
    print(f"release: {line}", file=sys.stderr, flush=True)
