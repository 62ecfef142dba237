"""The user that a jail runs as."""

import os
import secrets
from dataclasses import dataclass
from typing import Final

#: The user and group id inside every jail: nobody.
INSIDE_ID: Final = 65534

#: The ids on the host, for jails of a worker that runs as root. The range starts above the ids that systemd
#: gives to containers (524288 to 1879048191). It contains no ids of users or of other ranges.
_FIRST_OUTSIDE_ID: Final = 1879048192
_OUTSIDE_IDS: Final = 2**24


@dataclass(frozen=True, slots=True)
class OutsideUser:
    """The user and group of a jail as the host sees them."""

    uid: int
    gid: int


def pick_outside_user() -> OutsideUser:
    """Return a user for a new jail: a random user if the worker is root, else the worker's own user."""
    if os.geteuid() == 0:
        outside = _FIRST_OUTSIDE_ID + secrets.randbelow(_OUTSIDE_IDS)
        return OutsideUser(outside, outside)
    return OutsideUser(os.geteuid(), os.getegid())
