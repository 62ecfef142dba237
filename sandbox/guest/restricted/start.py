"""The entry point of the restricted executor's guest."""

from typing import NoReturn

from sandbox.guest.init import serve
from sandbox.guest.restricted.confinement import Restricted
from sandbox.guest.script import site_builtins, streams


def restricted(language: bool) -> NoReturn:
    """Serve jobs on a host that cannot make a jail.

    Args:
        language: Whether to guard the language too. False tests the kernel's lock-down by itself.
    """
    # First, because the language takes the builtins as they are.
    site_builtins.install()
    streams.install()
    serve(Restricted(language))
