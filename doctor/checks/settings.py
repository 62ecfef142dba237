"""The settings in the environment."""

import os
from collections.abc import Iterator, Sequence
from typing import Final

from pydantic import ValidationError

from config.settings import Settings
from doctor.finding import Finding

_NAME: Final = "settings"

#: A setting whose value may contain a password.
_SECRET: Final = ("REDIS_URL", "API_KEYS")


def read() -> tuple[Settings, list[str]]:
    """Read the settings. An invalid one is removed from the environment, so that it has its default.

    Returns:
        The settings, and one line for each invalid one.
    """
    try:
        return Settings(), []
    except ValidationError as error:
        faults = {str(fault["loc"][0]).upper(): fault for fault in error.errors()}
    for variable in [variable for variable in os.environ if variable.upper() in faults]:
        del os.environ[variable]
    shown = [
        f"{name}: {fault['msg']}" + ("" if name in _SECRET else f" (got {fault['input']!r})")
        for name, fault in faults.items()
    ]
    return Settings(), shown


def examine(settings: Settings, faults: Sequence[str]) -> Iterator[Finding]:
    """Report the invalid settings, or those that the environment sets.

    Args:
        settings: The settings.
        faults: One line for each invalid setting.
    """
    if faults:
        names = " ".join(f"-u {fault.partition(':')[0]}" for fault in faults)
        yield Finding.failed(_NAME, "; ".join(faults), f"env {names} python-executor run  # or a valid value")
    else:
        names = ", ".join(sorted(name.upper() for name in settings.model_fields_set))
        yield Finding.ok(_NAME, f"valid; set in the environment: {names or 'none'}")
