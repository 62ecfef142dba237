"""The number of connections that one API process can serve."""

import resource
from typing import Final

from config.settings import Settings

#: Descriptors for the process itself and for the pipes to check subprocesses.
_OTHER_DESCRIPTORS: Final = 64


def connections_max(settings: Settings) -> int:
    """Return the maximum number of connections of one API process.

    Each connection needs a descriptor, and a second one for the connection to Redis that its commands use.
    """
    _, descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)
    return min(settings.api_connections, (descriptors - _OTHER_DESCRIPTORS) // 2)
