"""Let the kernel kill a process of the job, and not the zygote, when a job exceeds its memory.

The kernel kills the largest process. With packages preloaded that is often the zygote: files in /tmp belong
to no process, and many small processes may be the job's. Another zygote takes seconds to start.

A process hands its score on to its forks, and no process in a jail can change it, because there is no /proc.
So every process of such a jail starts with the highest score, and the worker lowers that of the zygote while
a job runs. It lowers that of nsjail for good: a process of the job can be smaller than nsjail, and the jail
ends with nsjail. Source: proc(5), /proc/PID/oom_score_adj.
"""

import contextlib
from pathlib import Path
from typing import Final

HIGHEST: Final = "1000"

_OWN: Final = Path("/proc/self/oom_score_adj")


class OomScore:
    """The score of the zygote in one jail."""

    def __init__(self, nsjail: int, processes: Path) -> None:
        """Take the id of the nsjail process and the file with the ids of all processes in its cgroup."""
        self._nsjail = nsjail
        self._processes = processes
        self._zygote: Path | None = None

    def lower(self) -> None:
        """Give the zygote and nsjail the score of the worker, after the zygote has forked the runner."""
        with contextlib.suppress(OSError, ValueError, LookupError):
            if self._zygote is None:
                self._zygote = self._find()
                Path(f"/proc/{self._nsjail}/oom_score_adj").write_text(_OWN.read_text())
            self._zygote.write_text(_OWN.read_text())

    def restore(self) -> None:
        """Give the zygote the highest score again, before it forks the next runner."""
        with contextlib.suppress(OSError):
            if self._zygote:
                self._zygote.write_text(HIGHEST)

    def _find(self) -> Path:
        """Find the child of nsjail."""
        for process in self._processes.read_text().split():
            # The name of a program may contain any character, but no process after it has a parenthesis.
            parent = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1]
            if int(parent) == self._nsjail:
                return Path(f"/proc/{process}/oom_score_adj")
        raise LookupError("nsjail has no child")
