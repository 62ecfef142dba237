"""The time zones, read ahead into memory. A locked-down process cannot open their files."""

import contextlib
import io
import os
import sys
import zoneinfo
from typing import Final

#: Where the package tzdata lies if the interpreter is that of a virtual environment. It runs without `site`.
_PACKAGE: Final = os.path.join(
    os.path.dirname(os.path.dirname(sys.executable)),
    "lib",
    f"python{sys.version_info.major}.{sys.version_info.minor}",
    "site-packages/tzdata/zoneinfo",
)


def install() -> None:
    """Read every time zone of the system, or of the package tzdata, and let `zoneinfo` find only those."""
    zoneinfo.reset_tzpath([*zoneinfo.TZPATH, _PACKAGE])
    zones: dict[str, bytes] = {}
    same: dict[bytes, bytes] = {}
    for key in zoneinfo.available_timezones():
        for folder in zoneinfo.TZPATH:
            with contextlib.suppress(OSError), open(os.path.join(folder, key), "rb") as file:
                data = file.read()
                # Many zones have several names.
                zones[key] = same.setdefault(data, data)
                break

    def load(key: str) -> io.BytesIO:
        if key not in zones:
            raise zoneinfo.ZoneInfoNotFoundError(f"No time zone found with key {key}")
        return io.BytesIO(zones[key])

    def available_timezones() -> set[str]:
        """Return the keys of all time zones."""
        return set(zones)

    # ZoneInfo calls this after it has found no file.
    zoneinfo._common.load_tzdata = load  # type: ignore[assignment]
    zoneinfo.available_timezones = available_timezones
