"""The last steps of an init or a zygote before its first fork."""

from __future__ import annotations

import gc
import resource
import sys

from sandbox.guest.report import SCRIPT


def prepare_for_fork() -> None:
    """Do the set-up that all forks share, and exclude the existing objects from garbage collection."""
    for stream in (sys.stdout, sys.stderr):
        # Flush after each line, so that a kill does not lose lines that the script has printed.
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    # Hide the service's modules from scripts. This is for tidiness and is not a defence.
    for name in [name for name in sys.modules if name.partition(".")[0] in ("sandbox", "validation")]:
        del sys.modules[name]
    sys.argv = [SCRIPT]
    # With a limit of 1 the kernel makes no core dump. With 0 it still starts a helper as root if core_pattern
    # is a pipe (man 5 core).
    if resource.getrlimit(resource.RLIMIT_CORE)[1]:
        resource.setrlimit(resource.RLIMIT_CORE, (1, 1))
    gc.freeze()
