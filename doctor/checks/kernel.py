"""The kernel and the architecture."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import config
from doctor.finding import Finding

_NAME: Final = "kernel"


def examine(uname: os.uname_result | None = None, policies: Path | None = None) -> Iterator[Finding]:
    """Check that jails have a policy for this architecture.

    Args:
        uname: The kernel; None asks it.
        policies: The folder of the policies; None means that of the service.
    """
    kernel = uname or os.uname()
    folder = policies or Path(config.__path__[0])
    found = f"{kernel.sysname} {kernel.release} on {kernel.machine}"
    known = sorted(path.stem.removeprefix("seccomp-") for path in folder.glob("seccomp-*.kafel"))
    if kernel.sysname != "Linux" or kernel.machine not in known:
        mend = "docker run --platform linux/amd64 --rm python-executor-worker doctor  # on an x86_64 machine"
        yield Finding.failed(_NAME, f"{found}; jails need Linux on x86_64 or aarch64", mend)
    else:
        yield Finding.ok(_NAME, found)
