"""The ways a sandbox starts: `python -c "from sandbox.guest.start import …; …()"`."""

from typing import NoReturn

from sandbox.guest.confinement import Jailed
from sandbox.guest.init import serve


def fresh() -> NoReturn:
    """Serve in a jail that is there for one job: what it may import is that job's to wait for."""
    serve(Jailed())


def slot() -> NoReturn:
    """Serve in a jail that is there for many jobs, each in namespaces of its own."""
    # Imported where they are used: they bring ctypes and more along.
    from sandbox.guest import preload, zygote

    zygote.serve(preload.Preloaded())


def restricted(language: bool) -> NoReturn:
    """Serve where there is no jail. language: with guards on the language, too."""
    from sandbox.guest.restricted import Restricted

    serve(Restricted(language))
