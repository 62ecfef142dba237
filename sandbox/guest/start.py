"""The entry points of a jail. The programs of sandbox/jail/program.py call them.

Each function has its own imports, because the other function does not need them.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


def fresh() -> NoReturn:
    """Serve one job in a fresh jail. The job waits for every import here."""
    _install()
    from sandbox.guest.init import serve
    from sandbox.guest.jailed import Jailed

    serve(Jailed(), once=True)


def slot(tmp_options: str) -> NoReturn:
    """Serve many jobs in a slot, each in its own namespaces.

    Args:
        tmp_options: The mount options of each job's /tmp.
    """
    _install()

    # Import the modules for scripts before most of the guest's. The objects of the guest's modules then lie
    # close together in memory, and a runner writes to fewer pages.
    from sandbox.guest import preload

    preload.preload()

    from sandbox.guest import zygote

    zygote.serve(tmp_options.encode())


def _install() -> None:
    """Give the interpreter the builtins and streams of a script. Modules imported later take them too."""
    from sandbox.guest.script import descriptor_paths, site_builtins, streams

    for part in (site_builtins, streams, descriptor_paths):
        part.install()
