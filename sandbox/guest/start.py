"""The ways a sandbox starts: `python -c "from sandbox.guest.start import …; …()"`.

What each of them needs is imported in it: the others have no use for it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


def fresh() -> NoReturn:
    """Serve in a jail that is there for one job: what it may import is that job's to wait for."""
    from sandbox.guest.init import serve
    from sandbox.guest.jailed import Jailed

    serve(Jailed(), once=True)


def slot() -> NoReturn:
    """Serve in a jail that is there for many jobs, each in namespaces of its own."""
    # The library first: what we import after it lies together, and a runner writes to fewer pages.
    from sandbox.guest import library

    library.preload()

    from sandbox.guest import zygote

    zygote.serve()
