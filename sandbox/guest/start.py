"""The entry points of a jail: `python -c "from sandbox.guest.start import …; …()"`.

Each function has its own imports, because the other function does not need them.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


def fresh() -> NoReturn:
    """Serve one job in a fresh jail. The job waits for every import here."""
    from sandbox.guest import descriptor_paths, site_builtins, streams
    from sandbox.guest.init import serve
    from sandbox.guest.jailed import Jailed

    site_builtins.add()
    streams.install()
    descriptor_paths.install()
    serve(Jailed(), once=True)


def slot(tmp_options: str) -> NoReturn:
    """Serve many jobs in a slot, each in its own namespaces.

    Args:
        tmp_options: The mount options of each job's /tmp.
    """
    from sandbox.guest import descriptor_paths, streams

    streams.install()
    descriptor_paths.install()

    # Import the modules for scripts before most of the guest's. The objects of the guest's modules then lie
    # close together in memory, and a runner writes to fewer pages.
    from sandbox.guest import preload

    preload.preload()

    from sandbox.guest import site_builtins, zygote

    site_builtins.add()
    zygote.serve(tmp_options.encode())
