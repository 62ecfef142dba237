"""The page cache that a cgroup is charged for."""

from typing import Final

from jobs.limits import MB
from sandbox.jail.cgroup_file import CgroupFile, parse_keyed

#: The change of the bytes in use after which memory.stat is read again. The kernel takes about ten times as
#: long for it as for the bytes in use.
_CHANGE: Final = MB // 2


class PageCache:
    """The pages of files that a cgroup is charged for, files in memory left out, at one point of each job.

    The first cgroup that reads a page of the library is charged for it, until the kernel drops the page. At
    a limit the kernel drops such pages before it kills a process. So they do not count as the job's memory.
    """

    def __init__(self, breakdown: CgroupFile, entry: str) -> None:
        """Take memory.stat and the name of its entry that counts the pages of files."""
        self._breakdown = breakdown
        self._entry = entry
        self._bytes = 0
        self._measured_at = 0

    def measure(self, in_use: int) -> int:
        """Return the bytes, given the bytes in use; read them again only if those have changed."""
        if abs(in_use - self._measured_at) > _CHANGE:
            parts = parse_keyed(self._breakdown.read())
            self._bytes = parts[self._entry] - parts["shmem"]
            self._measured_at = in_use
        return self._bytes
