"""A jail: one nsjail process with its cgroup. It runs one job at a time.

With slot isolation, one nsjail process holds one jail, whose zygote makes per-job namespaces. With fresh
isolation, nsjail makes another jail after each job, with an interpreter that starts for the next job alone.
In both cases the next runner gets ready while the last outcome is on its way to the client.
"""

import os
import secrets
from typing import Final

from sandbox.guest.init import KILL, NEXT
from sandbox.guest_process import GuestProcess
from sandbox.isolation import Isolation
from sandbox.jail.cgroup import Cgroup
from sandbox.jail.command import JailConfig, environment, jail_command
from sandbox.jail.hierarchy import Hierarchy, instance_name
from sandbox.jail.oom_score import HIGHEST, OomScore
from sandbox.jail.root import MappedFiles
from sandbox.jail.user import pick_outside_user

#: Processes in a jail's cgroup that do not belong to the job. SLOT: nsjail, the zygote, the sleeper and the
#: keeper. FRESH: nsjail and the init.
_OVERHEAD_PROCESSES: Final = {Isolation.SLOT: 4, Isolation.FRESH: 2}


class Jail:
    """A running nsjail process.

    Attributes:
        control: The socket to the init in the jail.
        waits_for_all: Whether a job is over only when every process of it has ended. From then on the kernel
            may choose the zygote at the memory limit (`OomScore`), so no process of the job may be left.
        cgroup: The cgroup that limits and measures the job.
        overhead_processes: Processes in the cgroup that do not belong to the job.
        jobs: The number of jobs that the jail has served, with the current one.
    """

    def __init__(
        self, process: GuestProcess, cgroup: Cgroup, isolation: Isolation, oom_score: OomScore | None = None
    ) -> None:
        """Take over an nsjail process that has just been started in `cgroup`."""
        self._oom_score = oom_score
        self.waits_for_all = oom_score is not None
        self._process = process
        self._isolation = isolation
        self.control = process.control
        self.cgroup = cgroup
        self.overhead_processes = _OVERHEAD_PROCESSES[isolation]
        self.jobs = 0

    def begin_job(self) -> None:
        """Note that the runner is ready."""
        if self._oom_score:
            self._oom_score.lower()

    def kill_job(self) -> None:
        """Kill every process of the job. The init then reports how the runner ended."""
        self.cgroup.unthrottle()
        self._process.order(KILL)

    def kill(self) -> None:
        """Kill every process in the jail, the init included, so that the worker gets no report of an end.

        Another thread may call this method.
        """
        self.cgroup.unthrottle()
        self._process.kill()

    def renew(self) -> None:
        """Make the jail ready for the next job, after the last job is over."""
        if self._isolation is Isolation.FRESH:
            self._process.order(NEXT)
        if self._oom_score:
            self._oom_score.restore()

    def close(self) -> str:
        """End everything in the jail and remove its cgroup; return nsjail's output."""
        self._process.close()
        self.cgroup.close()
        return self._process.output


class JailFactory:
    """Starts jails for one process of a worker, each in a cgroup of its own."""

    def __init__(
        self, config: JailConfig, hierarchy: Hierarchy, instance_id: str, isolation: Isolation
    ) -> None:
        """Take the settings; start nothing yet."""
        self._config = config
        self._hierarchy = hierarchy
        self._instance = instance_name(instance_id)
        self._isolation = isolation
        folders = [config.root, config.packages.folder] if config.packages else [config.root]
        self._mapped_files = MappedFiles(*folders)
        self._cgroups: list[Cgroup] = []

    def start(self) -> Jail:
        """Start a jail. Raises SandboxFailure, OSError."""
        # The kernel may free the memory of a killed job for seconds after its jail is closed.
        self._cgroups = [cgroup for cgroup in self._cgroups if not cgroup.is_gone()]
        self._mapped_files.read()
        cgroup = Cgroup(self._hierarchy, self._instance, f"{os.getpid()}-{secrets.token_hex(4)}")
        self._cgroups.append(cgroup)
        has_zygote = self._config.packages is not None and self._isolation is Isolation.SLOT
        try:
            process = GuestProcess(
                jail_command(self._config, self._isolation, pick_outside_user()),
                join_files=cgroup.join_files(),
                environment=environment(self._config),
                oom_score=HIGHEST if has_zygote else None,
            )
        except BaseException:
            cgroup.close()
            raise
        oom_score = OomScore(process.pid, cgroup.join_files()[0]) if has_zygote else None
        return Jail(process, cgroup, self._isolation, oom_score)
