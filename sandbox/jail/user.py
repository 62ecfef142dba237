"""The user that a jail runs as."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

#: The user and group id inside every jail: nobody.
INSIDE_ID: Final = 65534

#: The ids on the host, for jails of a worker that runs as root. The range starts above the ids that systemd
#: gives to containers (524288 to 1879048191). It contains no ids of users or of other ranges.
_OUTSIDE_IDS: Final = range(1879048192, 1879048192 + 2**24)


@dataclass(frozen=True, slots=True)
class OutsideUser:
    """The user and group of a jail as the host sees them."""

    uid: int
    gid: int


def pick_outside_user() -> OutsideUser:
    """Return a user for a new jail: a random user if the worker is root, else the worker's own user."""
    if os.geteuid() == 0:
        uids, gids = (outside_ids(Path(f"/proc/self/{kind}_map").read_text()) for kind in ("uid", "gid"))
        return OutsideUser(secrets.choice(uids), secrets.choice(gids))
    return OutsideUser(os.geteuid(), os.getegid())


def outside_ids(id_map: str) -> range:
    """Return the ids for jails of a worker that is root in its user namespace.

    A rootless container has 65,537 ids or fewer. Its users have the low ones, so jails get the upper half.

    Args:
        id_map: The text of the worker's uid_map or gid_map (user_namespaces(7)).
    """
    extents = [(int(first), int(count)) for first, _, count in map(str.split, id_map.splitlines())]
    if any(first <= _OUTSIDE_IDS[0] and _OUTSIDE_IDS[-1] < first + count for first, count in extents):
        return _OUTSIDE_IDS
    first, count = max(extents)
    return range(first + count // 2, first + count)
