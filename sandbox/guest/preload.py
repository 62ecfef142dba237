"""What is done once, so that no job has to wait for it."""

from __future__ import annotations

import gc
import resource
import sys

from sandbox.guest.report import SCRIPT


def prepare_for_fork() -> None:
    """Do once what each fork would have to do for itself; what is there is shared for good."""
    for stream in (sys.stdout, sys.stderr):
        # By lines: what was printed before a kill must not die in a buffer.
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    # Our modules are out of the script's sight (tidiness; it is no defence).
    for name in [name for name in sys.modules if name.partition(".")[0] in ("sandbox", "validation")]:
        del sys.modules[name]
    sys.argv = [SCRIPT]
    # No dump is made at 1; at 0 the kernel still starts a helper as root where core_pattern is a pipe
    # (man 5 core).
    if resource.getrlimit(resource.RLIMIT_CORE)[1]:
        resource.setrlimit(resource.RLIMIT_CORE, (1, 1))
    gc.freeze()
