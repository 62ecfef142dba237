"""The init, the first process of a fresh jail or of the restricted executor.

It forks runners, reaps them and reports to the worker how they ended. It discards output past its cap, and
reads nothing else that a script wrote.
When it ends, everything in the sandbox ends: in a PID namespace of its own the kernel kills the other
processes; elsewhere each runner has asked for a signal at its parent's death.
"""

from __future__ import annotations

# C modules instead of the library modules that wrap them: a fresh jail pays for each import with each job.
import _signal  # type: ignore[import-not-found]
import _socket
import posix
import resource
import select
import sys
import time

from sandbox.guest import prepare, runner
from sandbox.guest.channel import Channel
from sandbox.guest.discard import DISCARD, Discard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from sandbox.guest.confinement import Confinement

#: The worker's orders besides DISCARD: fork a runner, kill the runner, end this init so that the next job's
#: can start. ALL: report the end of the runner only when every process of its job has ended, as this init
#: always does.
RUN, KILL, NEXT, ALL = b"run", b"kill", b"next", b"all"

#: The first message of an init that serves one job, in the encoding of Channel. Inits follow each other on
#: the same control socket. A greeting during a job means that the init of the job was killed.
GREETING = b'."here"'

#: The descriptors that come with RUN, in this order: stdin, stdout, stderr and the job socket of the runner.
DESCRIPTORS = 4

#: The control socket. In a runner this number is always the script's standard input, whatever its limits are.
CONTROL = 0
_HIGH = 64


def serve(confinement: Confinement, *, once: bool = False) -> NoReturn:
    """Serve the worker's orders until it closes the control socket.

    Args:
        confinement: How runners are confined.
        once: Whether to serve one job only.
    """
    control = _socket.socket(fileno=CONTROL)
    # In a jail the kernel measures the memory of the whole job.
    shared = 0 if once else _measure_fork()
    wake_read = watch_children()
    prepare.prepare_for_fork()
    if once:
        control.send(GREETING)
    while True:
        order, fds = receive(control)
        if order in (KILL, DISCARD, NEXT, ALL):
            # The worker sent the order before it received the report that the runner had ended.
            for fd in fds:
                posix.close(fd)
            continue
        if order != RUN or len(fds) != DESCRIPTORS:
            # If an init of a fresh jail ended here, nsjail would start one after another.
            while once:
                _signal.pause()
            posix._exit(0)
        pid = posix.fork()
        if pid == 0:
            become_runner(fds, confinement)
        for fd in fds:
            posix.close(fd)
        # An init that serves one job is in a jail, whose CPU time the kernel counts as a whole.
        report = _wait_for_end(pid, control, wake_read, counted=once)
        report["memory"] -= shared
        Channel(control).send(report)
        if once:
            # Wait for NEXT: starting the next jail must neither delay the outcome nor count as this job's
            # CPU time.
            while control.recv(16) in (KILL, DISCARD, ALL):
                continue
            posix._exit(0)


def _measure_fork() -> int:
    """Return the bytes of a fork that does nothing: what every runner shares with its init."""
    pid = posix.fork()
    if pid == 0:
        posix._exit(0)
    return posix.wait4(pid, 0)[2].ru_maxrss * 1024


def receive(control: _socket.socket) -> tuple[bytes, list[int]]:
    """Return the worker's next order and the descriptors that came with it."""
    order, ancillary, _, _ = control.recvmsg(16, _socket.CMSG_SPACE(4 * DESCRIPTORS))
    fds: list[int] = []
    for level, kind, data in ancillary:
        if (level, kind) == (_socket.SOL_SOCKET, _socket.SCM_RIGHTS):
            fds += memoryview(data[: len(data) // 4 * 4]).cast("i")
    return order, fds


def watch_children() -> int:
    """Return a descriptor that becomes readable when a child has ended."""
    wake_read, wake_write = posix.pipe()
    for fd in (wake_read, wake_write):
        posix.set_blocking(fd, False)
    # Python's own handler raises KeyboardInterrupt, and a script may send its init this signal. With the
    # default action, the first process of a PID namespace does not receive it at all (man 7
    # pid_namespaces).
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
    # The handler does nothing, but without a handler no signal is written to the wake-up descriptor.
    _signal.signal(_signal.SIGCHLD, lambda *_: None)
    _signal.set_wakeup_fd(wake_write)
    return wake_read


def become_runner(fds: list[int], confinement: Confinement) -> NoReturn:
    """Move the runner's descriptors to 0 to 3, close all others and run the job."""
    _signal.set_wakeup_fd(-1)
    _signal.signal(_signal.SIGCHLD, _signal.SIG_DFL)
    _signal.signal(_signal.SIGINT, _signal.default_int_handler)
    # A session of its own, so that kill(0) in a script does not reach the init.
    posix.setsid()
    # First copy to high numbers, so that no source is overwritten before it is copied.
    for target, fd in enumerate(fds):
        posix.dup2(fd, _HIGH + target)
    for target in range(DESCRIPTORS):
        posix.dup2(_HIGH + target, target)
    posix.closerange(DESCRIPTORS, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    try:
        runner.main(3, confinement)
    except BaseException:
        # The sandbox failed, not the script. The worker reads standard error.
        sys.excepthook(*sys.exc_info())
    finally:
        posix._exit(1)


def _wait_for_end(pid: int, control: _socket.socket, wake: int, *, counted: bool) -> dict[str, Any]:
    """Wait for the runner's end and return the report for the worker.

    The report has its wait status (`status`), the CPU seconds of its process tree and of this process (`cpu`)
    and its memory peak in bytes (`memory`). Processes that outlive the runner are killed first, so that the
    worker sees the end of the pipes. If the worker has ended, this process exits, and with it everything in
    the sandbox.
    """
    poll, urgent = select.poll(), select.poll()
    for one in (poll, urgent):
        one.register(control, select.POLLIN)
        one.register(wake, select.POLLIN)
    discard = Discard(poll, urgent.poll, counted=counted)
    ended: dict[int, tuple[int, int]] = {}
    cpu = -time.process_time()
    while pid not in ended:
        for fd, _ in poll.poll():
            if fd == control.fileno():
                order, fds = receive(control)
                if order == DISCARD:
                    discard.add(fds)
                elif order == KILL:
                    _kill(pid)
                elif order != ALL:
                    posix._exit(0)
            else:
                discard.read(fd)
        _drain(wake)
        cpu += _reap(ended, posix.WNOHANG)
    discard.close()
    if posix.getpid() == 1:
        # For process 1 of a PID namespace, -1 addresses exactly the processes of the job.
        _kill_all()
        cpu += _reap(ended, 0)
    status, memory = ended[pid]
    return {"status": status, "cpu": cpu + time.process_time(), "memory": memory}


def _reap(ended: dict[int, tuple[int, int]], flags: int) -> float:
    """Reap ended processes into `ended` (wait status and memory peak by pid); return their CPU seconds."""
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


def _kill(runner: int) -> None:
    """Kill the job's processes."""
    if posix.getpid() == 1:
        # All at once: a process with much memory ends late, and the others would run until then.
        _kill_all()
    else:
        posix.kill(runner, _signal.SIGKILL)


def _kill_all() -> None:
    try:
        posix.kill(-1, _signal.SIGKILL)
    except ProcessLookupError:
        return
