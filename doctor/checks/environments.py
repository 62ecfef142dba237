"""The environments that a worker here would offer."""

from collections.abc import Iterator
from typing import Final

from config.settings import Settings
from doctor.finding import Finding
from environments import installed
from environments.folder import Folder
from environments.installed import Broken

_NAME: Final = "environments"


def examine(settings: Settings) -> Iterator[Finding]:
    """Check that every environment can be offered. The content of its files is not compared.

    Args:
        settings: The settings.
    """
    folder = Folder.of(settings.environments).path
    found = list(installed.examine(settings.environments, settings.preload))
    broken = [one for one in found if isinstance(one, Broken)]
    whole = [one.environment for one in found if not isinstance(one, Broken)]
    if broken:
        reasons = "; ".join(f"{one.name}: {one.reason}" for one in broken)
        name = broken[0].name
        if name == str(folder):
            mend = "export ENVIRONMENTS=/var/lib/python-executor/environments  # and build there"
        else:
            mend = f"python-executor environment build {name} LOCK  # or environment remove {name}"
        yield Finding.failed(_NAME, f"not offered: {reasons}", mend)
    elif whole:
        listed = ", ".join(f"{one.name} with {len(one.packages)} packages" for one in whole)
        yield Finding.ok(_NAME, f"{listed}, in {folder}")
    else:
        yield Finding.ok(_NAME, f"none in {folder}: scripts have the standard library alone")
