"""The settings of the kernel that keep user namespaces, and so every jail, from a worker.

nsjail's own messages mislead: with max_user_namespaces=0, clone fails with "No space left on device".
"""

import os
from pathlib import Path
from typing import Final

_SYSCTL: Final = Path("/proc/sys")

#: The settings, the value that forbids user namespaces, one that allows them, and whether the setting
#: holds for root too. Sources: user_namespaces(7), namespaces(7), Debian's and Ubuntu's kernels.
_SETTINGS: Final = (
    ("user.max_user_namespaces", "0", "15000", True),
    ("kernel.unprivileged_userns_clone", "0", "1", False),
    ("kernel.apparmor_restrict_unprivileged_userns", "1", "0", False),
)


def find_fault(sysctl: Path = _SYSCTL, uid: int | None = None) -> str | None:
    """Return the setting that may forbid this user's namespaces, with the command that mends it.

    Under AppArmor's restriction a program with a profile of its own may still make them. So ask only when a
    jail could not be made.

    Args:
        sysctl: The folder of the settings.
        uid: The user; None means the user of this process.
    """
    uid = os.geteuid() if uid is None else uid
    for name, forbids, allows, for_root in _SETTINGS:
        try:
            value = (sysctl / name.replace(".", "/")).read_text().strip()
        except OSError:
            continue
        if value == forbids and (uid or for_root):
            who = "user namespaces" if for_root else "user namespaces of ordinary users"
            return f"the host forbids {who} ({name} is {value}); as root: sysctl -w {name}={allows}"
    return None
