"""Core dumps: a crash in a jail must not start the host's helper."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from doctor.finding import Finding
from doctor.process import PROC, switch
from sandbox.errors import SandboxFailure
from sandbox.jail import preflight

_NAME: Final = "core-dumps"


def examine(proc: Path = PROC) -> Iterator[Finding]:
    """Check kernel.core_pattern against the limit on core files.

    Args:
        proc: The folder with the kernel's settings.
    """
    pattern = switch("kernel/core_pattern", proc)
    if pattern is None:
        yield Finding.ok(_NAME, "this kernel starts no helper")
        return
    try:
        preflight.check_core_dumps(pattern)
    except SandboxFailure as failure:
        yield Finding.failed(
            _NAME,
            str(failure),
            "sudo prlimit --pid $$ --core=0:1  # systemd: LimitCORE=1; Docker: --ulimit core=1",
        )
    else:
        yield Finding.ok(_NAME, f"no crash in a jail starts a helper (core_pattern is {pattern})")
