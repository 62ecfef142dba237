"""The first process of a sandbox: forks runners, reaps them, tells the host how they ended.

It reads nothing a script wrote. Its end ends everything: in a PID namespace of its own the kernel
kills the rest; elsewhere a runner asks for a signal at its parent's death.
"""

import _signal  # type: ignore[import-not-found]
import contextlib
import os
import resource
import select
import signal
import socket
import sys
from typing import Any, NoReturn

from sandbox.guest import preload, runner
from sandbox.guest.channel import Channel
from sandbox.guest.confinement import Confinement

#: The orders of the host: to fork a runner, to kill it.
RUN, KILL = b"run", b"kill"

#: stdin, stdout, stderr and the job socket of a runner, in this order, with each order to fork.
DESCRIPTORS = 4

#: The control socket. In a runner this number is the script's own standard input, whatever its limits are.
CONTROL = 0
_HIGH = 64


def serve(confinement: Confinement) -> NoReturn:
    """Serve the host's orders until it closes the control socket."""
    control = socket.socket(fileno=CONTROL)
    wake_read = hear_of_children()
    preload.settle()
    while True:
        order, fds, _, _ = socket.recv_fds(control, 16, DESCRIPTORS)
        if order == KILL:
            # It crossed the news that the runner had ended; there is nothing to kill any more.
            continue
        if order != RUN or len(fds) != DESCRIPTORS:
            os._exit(0)
        pid = os.fork()
        if pid == 0:
            become_runner(fds, confinement)
        for fd in fds:
            os.close(fd)
        Channel(control).send(_await_end(pid, control, wake_read))


def hear_of_children() -> int:
    """Return a descriptor that can be read when a child has ended."""
    wake_read, wake_write = os.pipe()
    for fd in (wake_read, wake_write):
        os.set_blocking(fd, False)
    # Python's own handler raises, and a script may send its init this signal; a process that is
    # the init of a PID namespace does not even get one that is left at its default.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # A handler, if only an empty one: without it no signal is written to the wake-up descriptor.
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake_write)
    return wake_read


def become_runner(fds: list[int], confinement: Confinement) -> NoReturn:
    """Put the runner's descriptors at 0 to 3, close all others and run its job."""
    signal.set_wakeup_fd(-1)
    # Not signal.signal, which makes an enum of its answer: in a fork every page touched is one copied.
    _signal.signal(_signal.SIGCHLD, _signal.SIG_DFL)
    _signal.signal(_signal.SIGINT, _signal.default_int_handler)
    # A session of its own: kill(0) in a script must not reach us.
    os.setsid()
    # By way of high numbers, so that no source is overwritten before it was copied.
    for target, fd in enumerate(fds):
        os.dup2(fd, _HIGH + target)
    for target in range(DESCRIPTORS):
        os.dup2(_HIGH + target, target)
    os.closerange(DESCRIPTORS, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    try:
        runner.main(3, confinement)
    except BaseException:
        # To standard error, which the host reads: it was not the script's doing.
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(1)


def _await_end(pid: int, control: socket.socket, wake: int) -> dict[str, Any]:
    """Wait for the runner's end and return what the host wants to know of it.

    status: its wait status; cpu: seconds of CPU time of its tree; memory: its peak in bytes.
    What outlives it is killed first, so that the host sees the end of its pipes. When the host
    goes away, so does everything here.
    """
    poll = select.poll()
    poll.register(control, select.POLLIN)
    poll.register(wake, select.POLLIN)
    ended: dict[int, tuple[int, int]] = {}
    cpu = 0.0
    while pid not in ended:
        if any(fd == control.fileno() for fd, _ in poll.poll()):
            if control.recv(16) != KILL:
                os._exit(0)
            os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(BlockingIOError):
            os.read(wake, 512)
        cpu += _reap(ended, os.WNOHANG)
    if os.getpid() == 1:
        # In a PID namespace of our own -1 means all of the job that is left.
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
        cpu += _reap(ended, 0)
    status, memory = ended[pid]
    return {"status": status, "cpu": cpu, "memory": memory}


def _reap(ended: dict[int, tuple[int, int]], flags: int) -> float:
    """Reap ended processes into `ended` (wait status and peak by pid); return their CPU seconds."""
    cpu = 0.0
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status, usage = os.wait4(-1, flags)
            if pid == 0:
                break
            ended[pid] = status, usage.ru_maxrss * 1024
            cpu += usage.ru_utime + usage.ru_stime
    return cpu
