"""The first process of a sandbox: forks runners, reaps them, tells the host how they ended.

It reads nothing a script wrote. Its end ends everything: in a PID namespace of its own the kernel
kills the rest; elsewhere a runner asks for a signal at its parent's death.
"""

from __future__ import annotations

# The modules in C, not those of the library around them: a jail that is started for one job pays for each.
import _signal  # type: ignore[import-not-found]
import _socket
import posix
import resource
import select
import sys

from sandbox.guest import preload, runner
from sandbox.guest.channel import Channel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from sandbox.guest.confinement import Confinement

#: The orders of the host: to fork a runner, to kill it, to make place for the next job.
RUN, KILL, NEXT = b"run", b"kill", b"next"

#: The first word of an init that serves one job. Another comes after it, at the same socket: should this
#: one be killed in the middle of its job, the host learns it by the word of the next. (A message, as Channel
#: would send it.)
HERE = b'."here"'

#: stdin, stdout, stderr and the job socket of a runner, in this order, with each order to fork.
DESCRIPTORS = 4

#: The control socket. In a runner this number is the script's own standard input, whatever its limits are.
CONTROL = 0
_HIGH = 64


def serve(confinement: Confinement, *, once: bool = False) -> NoReturn:
    """Serve the host's orders until it closes the control socket. once: only for one job."""
    control = _socket.socket(fileno=CONTROL)
    wake_read = hear_of_children()
    preload.prepare_for_fork()
    if once:
        control.send(HERE)
    while True:
        order, fds = _receive(control)
        if order in (KILL, NEXT):
            # It crossed the news that the runner had ended; there is nothing to kill any more.
            continue
        if order != RUN or len(fds) != DESCRIPTORS:
            # After the end of an init for one job another would come, and then another.
            while once:
                _signal.pause()
            posix._exit(0)
        pid = posix.fork()
        if pid == 0:
            become_runner(fds, confinement)
        for fd in fds:
            posix.close(fd)
        Channel(control).send(_await_end(pid, control, wake_read))
        if once:
            # Not at once: the start of the next jail must neither delay the answer nor count as this job's.
            control.recv(16)
            posix._exit(0)


def _receive(control: _socket.socket) -> tuple[bytes, list[int]]:
    """Return the host's next order and the descriptors that came with it."""
    order, ancillary, _, _ = control.recvmsg(16, _socket.CMSG_SPACE(4 * DESCRIPTORS))
    fds: list[int] = []
    for level, kind, data in ancillary:
        if (level, kind) == (_socket.SOL_SOCKET, _socket.SCM_RIGHTS):
            fds += memoryview(data[: len(data) // 4 * 4]).cast("i")
    return order, fds


def hear_of_children() -> int:
    """Return a descriptor that can be read when a child has ended."""
    wake_read, wake_write = posix.pipe()
    for fd in (wake_read, wake_write):
        posix.set_blocking(fd, False)
    # Python's own handler raises, and a script may send its init this signal; a process that is
    # the init of a PID namespace does not even get one that is left at its default.
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
    # A handler, if only an empty one: without it no signal is written to the wake-up descriptor.
    _signal.signal(_signal.SIGCHLD, lambda *_: None)
    _signal.set_wakeup_fd(wake_write)
    return wake_read


def become_runner(fds: list[int], confinement: Confinement) -> NoReturn:
    """Put the runner's descriptors at 0 to 3, close all others and run its job."""
    _signal.set_wakeup_fd(-1)
    _signal.signal(_signal.SIGCHLD, _signal.SIG_DFL)
    _signal.signal(_signal.SIGINT, _signal.default_int_handler)
    # A session of its own: kill(0) in a script must not reach us.
    posix.setsid()
    # By way of high numbers, so that no source is overwritten before it was copied.
    for target, fd in enumerate(fds):
        posix.dup2(fd, _HIGH + target)
    for target in range(DESCRIPTORS):
        posix.dup2(_HIGH + target, target)
    posix.closerange(DESCRIPTORS, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    try:
        runner.main(3, confinement)
    except BaseException:
        # To standard error, which the host reads: it was not the script's doing.
        sys.excepthook(*sys.exc_info())
    finally:
        posix._exit(1)


def _await_end(pid: int, control: _socket.socket, wake: int) -> dict[str, Any]:
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
                posix._exit(0)
            posix.kill(pid, _signal.SIGKILL)
        _drain(wake)
        cpu += _reap(ended, posix.WNOHANG)
    if posix.getpid() == 1:
        # In a PID namespace of our own -1 means all of the job that is left.
        _kill_all()
        cpu += _reap(ended, 0)
    status, memory = ended[pid]
    return {"status": status, "cpu": cpu, "memory": memory}


def _reap(ended: dict[int, tuple[int, int]], flags: int) -> float:
    """Reap ended processes into `ended` (wait status and peak by pid); return their CPU seconds."""
    cpu = 0.0
    while True:
        try:
            pid, status, usage = posix.wait4(-1, flags)
        except ChildProcessError:
            return cpu
        if pid == 0:
            return cpu
        ended[pid] = status, usage.ru_maxrss * 1024
        cpu += usage.ru_utime + usage.ru_stime


def _drain(wake: int) -> None:
    try:
        posix.read(wake, 512)
    except BlockingIOError:
        return


def _kill_all() -> None:
    try:
        posix.kill(-1, _signal.SIGKILL)
    except ProcessLookupError:
        return
