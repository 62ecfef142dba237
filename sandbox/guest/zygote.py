"""The first process of a slot: for each job it makes a nest, and in it an init that has one runner.

    zygote   in the jail; holds CAP_SYS_ADMIN over the jail's own namespaces, and never sees a script
    nest     a fork of it: process 1 of a PID namespace of its own, in mount, IPC, UTS, network and
             cgroup namespaces of its own, with a private /tmp and without capabilities. It runs
             `init`, whose runner also puts a filter on top of the jail's that takes back every
             call the zygote needs and a script does not.

When a nest ends, the kernel ends everything in it.
Source: man 2 unshare, 2 setns, 7 pid_namespaces.
"""

import contextlib
import os
import select
import signal
import socket
from typing import Final, NoReturn

from sandbox.guest import init, kernel
from sandbox.guest.nested import Nested

NEST: Final = b"nest"

#: All namespaces but those of users and, which is made before the fork, processes.
_NEST: Final = kernel.NEW_MOUNT | kernel.NEW_IPC | kernel.NEW_UTS | kernel.NEW_NET | kernel.NEW_CGROUP

#: The /tmp of a job, as in config/nsjail.cfg.
TMP_OPTIONS: Final = "size=67108864,nr_inodes=4096,mode=1777"


def serve(control_fd: int) -> NoReturn:
    """Make a nest for every socket that comes over `control_fd`, until the host closes it."""
    control = socket.socket(fileno=control_fd)
    wake = init.hear_of_children()
    ourselves = os.pidfd_open(os.getpid())
    poll = select.poll()
    poll.register(control, select.POLLIN)
    poll.register(wake, select.POLLIN)
    while True:
        for fd, _ in poll.poll():
            if fd == wake:
                _reap(wake)
                continue
            order, fds, _, _ = socket.recv_fds(control, 16, 1)
            if not order:
                os._exit(0)
            _nest(fds[0], control_fd, ourselves)


def _nest(job_fd: int, control_fd: int, ourselves: int) -> None:
    kernel.unshare(kernel.NEW_PID)
    if os.fork() == 0:
        os.close(control_fd)
        os.close(ourselves)
        signal.set_wakeup_fd(-1)
        os.setsid()
        kernel.unshare(_NEST)
        kernel.private_tmp(TMP_OPTIONS)
        kernel.drop_capabilities()
        init.serve(job_fd, Nested())
    os.close(job_fd)
    # Children of this process would all go to the namespace made last, and no other could be made.
    kernel.return_to(ourselves, kernel.NEW_PID)


def _reap(wake: int) -> None:
    with contextlib.suppress(BlockingIOError):
        os.read(wake, 512)
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
