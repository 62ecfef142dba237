"""The folder of the worker's files, from which jails mount their root."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from config.settings import Settings
from doctor.finding import Finding
from jobs.limits import MB
from sandbox.errors import SandboxFailure
from sandbox.jail import state_folder

_NAME: Final = "temporary-folder"

#: Bytes that the root of the jails takes, and some more (docs/how-to/sizing.md).
_NEEDED: Final = 100 * MB


def examine(settings: Settings) -> Iterator[Finding]:
    """Check the mount flags and the free space of the folder that a worker would choose."""
    first = settings.state_dir or Path(tempfile.gettempdir())
    other = "STATE_DIR=/var/tmp python-executor worker  # or another folder"
    try:
        folder = state_folder.choose(settings.state_dir)
    except (SandboxFailure, OSError) as failure:
        yield Finding.failed(_NAME, str(failure), other)
        return
    usage = os.statvfs(folder)
    free = usage.f_bavail * usage.f_frsize
    found = f"{folder}, {free // MB} MB free"
    if folder != first:
        found += f", because {state_folder.find_fault(first)}"
    if free < _NEEDED:
        yield Finding.warning(_NAME, f"{found}: the root of the jails needs {_NEEDED // MB}", other)
    else:
        yield Finding.ok(_NAME, found)
