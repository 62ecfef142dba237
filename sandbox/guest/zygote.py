"""The first process of a slot: for each job it makes a nest, and in it a runner.

    zygote   in the jail; holds CAP_SYS_ADMIN over the jail's own namespaces, and never sees a script
    sleeper  process 1 of the nest's PID namespace: it shares the zygote's memory, sleeps, and takes no
             signal. Orphans of the job become its children, and the kernel reaps them for it
    runner   a fork of the zygote in that PID namespace, which enters mount, IPC, UTS, network and cgroup
             namespaces of its own, with a private /tmp, gives up its capabilities, and puts a filter on
             top of the jail's that takes back every call the zygote needs and a script does not

When the runner has ended, the zygote kills the sleeper, and the kernel all that is left in the nest: a
process 1 has not ended before every other process of its namespace is reaped.
Source: man 2 clone, 2 unshare, 2 setns, 7 pid_namespaces.
"""

import _signal  # type: ignore[import-not-found]
import os
import resource
import select
import signal
import socket
import sys
from typing import Final, NoReturn

from sandbox.guest import kernel, runner
from sandbox.guest.channel import Channel
from sandbox.guest.init import CONTROL, DESCRIPTORS, KILL, RUN
from sandbox.guest.job_namespaces import JobNamespaces
from sandbox.guest.preload import prepare_for_fork
from sandbox.guest.warmup import warm_up

#: Where a runner has its job socket; below are its standard input, output and error.
_JOB: Final = DESCRIPTORS - 1


def serve() -> NoReturn:
    """Make one nest after the other, as the host orders, until it closes the control socket."""
    control = socket.socket(fileno=CONTROL)
    answers = Channel(control)
    nested = JobNamespaces()
    job = socket.socket(fileno=os.dup2(CONTROL, _JOB))
    # A handler of ours would be the sleeper's, too, and would run in our memory.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    ourselves = os.pidfd_open(os.getpid())
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    warm_up(nested)
    prepare_for_fork()
    while True:
        order, fds, _, _ = socket.recv_fds(control, 16, DESCRIPTORS)
        if order == KILL:
            # It crossed the news that the runner had ended; there is nothing to kill any more.
            continue
        if order != RUN or len(fds) != DESCRIPTORS:
            os._exit(0)
        kernel.unshare(kernel.NEW_PID)
        sleeper = kernel.sleeper()
        pid = kernel.fork()
        if pid == 0:
            _become_runner(fds, most, job, nested)
        _await_end(pid, control)
        os.kill(sleeper, signal.SIGKILL)
        answers.send_json(b'{"status": %d}' % _reap(pid, sleeper))
        # While the host looks at what it has: the news is what it waits for.
        # Children of this process would all go to the namespace made last, and no other could be made.
        kernel.return_to(ourselves, kernel.NEW_PID)
        for fd in fds:
            os.close(fd)


def _become_runner(fds: list[int], most: int, job: socket.socket, nested: JobNamespaces) -> NoReturn:
    try:
        _signal.signal(_signal.SIGINT, _signal.default_int_handler)
        # A session of its own: kill(0) in a script must not reach us.
        os.setsid()
        for target, fd in enumerate(fds):
            os.dup2(fd, target)
        os.closerange(DESCRIPTORS, most)
        runner.wait(job, nested)
    except BaseException:
        # To standard error, which the host reads: it was not the script's doing.
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(1)


def _await_end(pid: int, control: socket.socket) -> None:
    """Wait until the runner has ended or the host wants it to. When the host goes away, all ends."""
    ended = os.pidfd_open(pid)
    if CONTROL in select.select((CONTROL, ended), (), ())[0] and control.recv(16) != KILL:
        os._exit(0)
    os.close(ended)


def _reap(runner: int, sleeper: int) -> int:
    """Reap every process of a nest that is our child; return the runner's wait status.

    A script can make more of them than its runner (CLONE_PARENT), and the sleeper ends after all others.
    """
    status = 0
    while True:
        pid, ended = os.waitpid(-1, 0)
        if pid == sleeper:
            return status
        if pid == runner:
            status = ended
