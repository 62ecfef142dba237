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

import os
import select
import signal
import socket
from typing import NoReturn

from sandbox.guest import kernel
from sandbox.guest.channel import Channel
from sandbox.guest.init import CONTROL, DESCRIPTORS, KILL, RUN, become_runner
from sandbox.guest.nested import Nested
from sandbox.guest.preload import Preloaded, settle
from sandbox.guest.rehearsal import rehearse


def serve(preloaded: Preloaded) -> NoReturn:
    """Make one nest after the other, as the host orders, until it closes the control socket."""
    control = socket.socket(fileno=CONTROL)
    answers = Channel(control)
    ourselves = os.pidfd_open(os.getpid())
    nested = Nested(preloaded)
    # A handler of ours would be the sleeper's, too, and would run in our memory.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    rehearse(nested)
    settle()
    while True:
        order, fds, _, _ = socket.recv_fds(control, 16, DESCRIPTORS)
        if order == KILL:
            # It crossed the news that the runner had ended; there is nothing to kill any more.
            continue
        if order != RUN or len(fds) != DESCRIPTORS:
            os._exit(0)
        kernel.unshare(kernel.NEW_PID)
        sleeper = kernel.sleeper()
        runner = os.fork()
        if runner == 0:
            become_runner(fds, nested)
        # Children of this process would all go to the namespace made last, and no other could be made.
        kernel.return_to(ourselves, kernel.NEW_PID)
        for fd in fds:
            os.close(fd)
        _await_end(runner, control)
        os.kill(sleeper, signal.SIGKILL)
        answers.send({"status": _reap(runner, sleeper)})


def _await_end(runner: int, control: socket.socket) -> None:
    """Wait until the runner has ended or the host wants it to. When the host goes away, all ends."""
    ended = os.pidfd_open(runner)
    poll = select.poll()
    poll.register(control, select.POLLIN)
    poll.register(ended, select.POLLIN)
    if any(fd != ended for fd, _ in poll.poll()) and control.recv(16) != KILL:
        os._exit(0)
    os.close(ended)


def _reap(runner: int, sleeper: int) -> int:
    """Reap every process of a nest that is our child; return the runner's wait status.

    A script can make more of them than its runner (CLONE_PARENT), and the sleeper ends after all others.
    """
    statuses = {}
    while sleeper not in statuses:
        pid, status = os.waitpid(-1, 0)
        statuses[pid] = status
    return statuses[runner]
