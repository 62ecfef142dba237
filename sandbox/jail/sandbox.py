"""The nsjail sandbox: one jail for each job."""

import math
import os
import secrets
from contextlib import closing
from typing import Final

from sandbox.errors import SandboxFailure
from sandbox.jail.cgroup import Cgroup, Hierarchy, instance_name
from sandbox.jail.command import Jails, command, environment, outside_id
from sandbox.job import Job
from sandbox.limits import MB, Limits
from sandbox.outcome import Outcome, SandboxKind
from sandbox.process import GuestProcess
from sandbox.session import Session
from sandbox.verdict import Observed, decide, sound

#: Seconds a jail and its first runner may take to be ready.
_READY_WITHIN: Final = 10.0

#: Processes in a jail that are not the job's: nsjail, its init.
_OURS: Final = 2


class NsjailSandbox:
    """Runs jobs, each in a jail of its own. Use one from one thread at a time."""

    def __init__(self, jails: Jails, hierarchy: Hierarchy, instance_id: str, cpus: float) -> None:
        """Make a sandbox for the worker `instance_id`; cpus: how many a job may keep busy."""
        self._jails = jails
        self._hierarchy = hierarchy
        self._cpus = cpus
        self._instance = instance_name(instance_id)
        self._jail: GuestProcess | None = None

    def run(self, job: Job) -> Outcome:
        """Run `job` and return how it ended. Raises SandboxFailure."""
        name = f"{os.getpid()}-{secrets.token_hex(4)}"
        try:
            with closing(Cgroup(self._hierarchy, self._instance, name)) as group:
                group.limit(
                    memory_bytes=job.limits.memory_mb * MB,
                    processes=job.limits.processes + _OURS,
                    cpus=self._cpus,
                )
                return self._run_in(group, job)
        except OSError as error:
            raise SandboxFailure(f"the jail's cgroup failed: {error}") from error

    def cancel(self) -> None:
        """Make the job that is running vanish, from another thread; its run() then raises SandboxFailure."""
        if jail := self._jail:
            jail.kill()

    def close(self) -> None:
        """Do nothing: no jail outlives its job."""

    def _run_in(self, group: Cgroup, job: Job) -> Outcome:
        with closing(
            GuestProcess(self._command, join_files=group.join_files(), environment=environment(self._jails))
        ) as jail:
            self._jail = jail
            try:
                with Session(jail.control) as session:
                    session.await_ready(_READY_WITHIN)
                    trace = session.run(
                        job,
                        rlimits=_rlimits(job.limits),
                        kill=lambda: _end(group, jail),
                        cpu_clock=group.cpu_seconds if group.has_cpu_clock() else None,
                    )
            except SandboxFailure as failure:
                jail.close()
                raise SandboxFailure(f"{failure}; nsjail said: {jail.said or 'nothing'}") from failure
        observed = Observed(trace, memory_exceeded=group.out_of_memory(), memory_peak=group.memory_peak())
        if fault := sound(observed):
            raise SandboxFailure(f"{fault}; nsjail said: {jail.said or 'nothing'}")
        return decide(observed, job.limits, SandboxKind.NSJAIL)

    def _command(self, control_fd: int) -> list[str]:
        uid = os.geteuid()
        outside = outside_id(uid)
        return command(
            self._jails,
            outside_uid=outside,
            outside_gid=outside if uid == 0 else os.getegid(),
            control_fd=control_fd,
        )


def _end(group: Cgroup, jail: GuestProcess) -> None:
    group.unthrottle()
    jail.kill()


def _rlimits(limits: Limits) -> dict[str, tuple[int, int]]:
    """Return the limits the runner sets on itself: a net below the worker's own CPU clock."""
    cpu = math.ceil(limits.cpu) + 1
    return {"RLIMIT_CPU": (cpu, cpu + 1)}
