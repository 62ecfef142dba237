"""The settings of the kernel that forbid user namespaces, without which no worker can make a jail.

nsjail's own messages mislead: with max_user_namespaces=0, clone fails with "No space left on device".
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_SYSCTL: Final = Path("/proc/sys")


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of the kernel. One of its values forbids user namespaces.

    Attributes:
        name: The name of the setting.
        forbidding: The value that forbids user namespaces.
        allowing: A value that allows them.
        binds_root: Whether the setting holds for root too.
    """

    name: str
    forbidding: str
    allowing: str
    binds_root: bool

    def forbids(self, sysctl: Path = _SYSCTL) -> bool:
        """Return whether the setting has the forbidding value. A kernel without the setting forbids nothing.

        Args:
            sysctl: The folder of the settings.
        """
        try:
            return (sysctl / self.name.replace(".", "/")).read_text().strip() == self.forbidding
        except OSError:
            return False

    @property
    def cause(self) -> str:
        """The setting and its forbidding value, in words."""
        return f"{self.name} is {self.forbidding}"

    @property
    def command(self) -> str:
        """The command with which root allows user namespaces."""
        return f"sysctl -w {self.name}={self.allowing}"


# Sources: user_namespaces(7), namespaces(7), Debian's and Ubuntu's kernels.
MAXIMUM: Final = Setting("user.max_user_namespaces", "0", "15000", binds_root=True)
UNPRIVILEGED: Final = Setting("kernel.unprivileged_userns_clone", "0", "1", binds_root=False)
APPARMOR: Final = Setting("kernel.apparmor_restrict_unprivileged_userns", "1", "0", binds_root=False)


def find_fault(sysctl: Path = _SYSCTL, uid: int | None = None) -> str | None:
    """Return the setting that may forbid this user's namespaces, with the command that mends it.

    AppArmor's restriction exempts programs that have a profile. So ask only when no jail could be made.

    Args:
        sysctl: The folder of the settings.
        uid: The user; None means the user of this process.
    """
    uid = os.geteuid() if uid is None else uid
    for setting in (MAXIMUM, UNPRIVILEGED, APPARMOR):
        if (uid or setting.binds_root) and setting.forbids(sysctl):
            forbidden = "user namespaces" if setting.binds_root else "user namespaces of ordinary users"
            return f"the host forbids {forbidden} ({setting.cause}); as root: {setting.command}"
    return None
