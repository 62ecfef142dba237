"""The ways a sandbox starts: `python -c "from sandbox.guest.start import …; …(3)"`."""

from typing import NoReturn

from sandbox.guest import preload
from sandbox.guest.confinement import Jailed
from sandbox.guest.init import serve


def fresh(control_fd: int) -> NoReturn:
    """Serve in a jail that is there for one job."""
    preload.preload()
    serve(control_fd, Jailed())


def slot(control_fd: int) -> NoReturn:
    """Serve in a jail that is there for many jobs, each in namespaces of its own."""
    # Imported where it is used: it brings ctypes along.
    from sandbox.guest import zygote

    preload.preload()
    zygote.serve(control_fd)


def restricted(control_fd: int, language: bool) -> NoReturn:
    """Serve where there is no jail. language: with guards on the language, too."""
    from sandbox.guest.restricted import Restricted

    serve(control_fd, Restricted(language))
