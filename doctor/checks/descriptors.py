"""The limit on open files."""

import resource
from collections.abc import Iterator
from typing import Final

from config.api_connections import connections_max
from config.settings import Settings
from doctor.finding import Finding

_NAME: Final = "file-descriptors"

#: Connections below which the API is of no use: it waits for jobs on some and answers look-ups on others.
_USEFUL: Final = 16


def examine(settings: Settings) -> Iterator[Finding]:
    """Check that the limit allows API_CONNECTIONS."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    connections = connections_max(settings)
    found = f"{hard} allow {max(0, connections)} of API_CONNECTIONS={settings.api_connections}"
    # Each connection takes two, as connections_max() counts.
    needed = hard + 2 * (settings.api_connections - connections)
    mend = (
        f"sudo prlimit --pid $$ --nofile={needed}  # systemd: LimitNOFILE={needed}; "
        f"Docker: --ulimit nofile={needed}"
    )
    if connections < min(_USEFUL, settings.api_connections):
        yield Finding.failed(_NAME, found, mend)
    elif connections < settings.api_connections:
        yield Finding.warning(_NAME, found, mend)
    else:
        yield Finding.ok(_NAME, found)
