"""The zygote, the first process of a slot: it makes the namespaces of a job and forks a runner in them.

    zygote   in the jail; holds CAP_SYS_ADMIN over the jail's own namespaces and never reads a script
    sleeper  process 1 of the job's PID namespace. It shares the zygote's memory and sleeps. As process 1
             it receives no signal from the job. Orphans of the job become its children, and the kernel
             reaps them
    runner   a fork of the zygote in that PID namespace. It enters a mount namespace of its own with a
             private /tmp, drops its capabilities, and adds a seccomp filter that denies every system call
             that the zygote needs and a script does not
    keeper   shares the runner's memory and mount namespace, and sleeps. So the kernel frees them when the
             keeper ends, and the zygote learns of the runner's end a millisecond earlier

The network, IPC, UTS and cgroup namespaces are the slot's. A job can leave a trace in the network namespace
only, and then the zygote makes another for the next job (`slot_network`).

When the runner has ended, the zygote kills the sleeper. The kernel then kills every other process in the PID
namespace: process 1 of a namespace does not end before all others are reaped. The zygote reports the runner's
end before that, unless the worker has ordered ALL, because it will read the job's files. The next runner is
forked afterwards.
Sources: man 2 clone, 2 unshare, 2 setns, 7 pid_namespaces.
"""

import _signal  # type: ignore[import-not-found]
import gc
import os
import resource
import select
import signal
import socket
import sys
from collections.abc import Callable
from typing import Final, NoReturn

from sandbox.guest import kernel, runner
from sandbox.guest.channel import Channel
from sandbox.guest.discard import DISCARD, Discard
from sandbox.guest.generators import Generators
from sandbox.guest.init import ALL, CONTROL, DESCRIPTORS, KILL, RUN, receive
from sandbox.guest.job_namespaces import JobNamespaces
from sandbox.guest.prepare import prepare_for_fork
from sandbox.guest.slot_network import SlotNetwork
from sandbox.guest.warmup import warm_up

#: The descriptor of a runner's job socket. Descriptors 0 to 2 are standard input, output and error.
_JOB: Final = DESCRIPTORS - 1


def serve(tmp_options: bytes, fork: Callable[[], int], sample: str) -> NoReturn:
    """Serve the worker's orders, one job after another, until it closes the control socket.

    Args:
        tmp_options: The mount options of each job's /tmp.
        fork: Forks a runner.
        sample: A program that each runner runs before it takes its job, '' for none.
    """
    control = socket.socket(fileno=CONTROL)
    reports = Channel(control)
    confinement = JobNamespaces(tmp_options, sample)
    generators = Generators()
    job = socket.socket(fileno=os.dup2(CONTROL, _JOB))
    # After the socket above, which replaces whatever has its number.
    network = SlotNetwork()
    # The sleeper inherits signal handlers and would run them in the zygote's memory.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    own_pidfd = os.pidfd_open(os.getpid())
    max_fds = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    # Each run of the warm-up ends as a script ends, with a collection. It need not look at preloaded modules.
    gc.freeze()
    warm_up(confinement)
    prepare_for_fork()
    while True:
        # Otherwise all forks would draw the same numbers. No other process has these pages now, so the kernel
        # copies none.
        generators.reseed()
        order, fds = receive(control)
        if order in (KILL, DISCARD, ALL):
            # The worker sent the order before it received the report that the runner had ended.
            for fd in fds:
                os.close(fd)
            continue
        if order != RUN or len(fds) != DESCRIPTORS:
            os._exit(0)
        network.renew_unless_empty()
        kernel.unshare(kernel.NEW_PID)
        sleeper = kernel.start_sleeper()
        pid = fork()
        if pid == 0:
            _become_runner(fds, max_fds, job, confinement)
        waits_for_all = _wait_for_end(pid, control)
        os.kill(sleeper, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        if waits_for_all:
            _reap_until(sleeper)
        # Clean up after the report, because the worker waits for it.
        reports.send_json(b'{"status": %d}' % status)
        if not waits_for_all:
            _reap_until(sleeper)
        # New children of this process would still enter the PID namespace made last, and the process could
        # not make another one. So it sets the PID namespace of its children back to its own.
        kernel.enter_namespaces_of(own_pidfd, kernel.NEW_PID)
        for fd in fds:
            os.close(fd)


def _become_runner(fds: list[int], max_fds: int, job: socket.socket, confinement: JobNamespaces) -> NoReturn:
    try:
        _signal.signal(_signal.SIGINT, _signal.default_int_handler)
        # A session of its own, so that kill(0) in a script does not reach the zygote.
        os.setsid()
        for target, fd in enumerate(fds):
            os.dup2(fd, target)
        os.closerange(DESCRIPTORS, max_fds)
        runner.serve_job(job, confinement)
    except BaseException:
        # The sandbox failed, not the script. The worker reads standard error.
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(1)


def _wait_for_end(pid: int, control: socket.socket) -> bool:
    """Wait until the runner has ended or the worker orders its end. Exit if the worker has ended.

    While the runner lives, the kernel copies each page that this process writes to. So it does little here
    unless there is an order. No object outlives the call, so that all runners are forked from the same heap.

    Returns:
        Whether the worker has ordered ALL.
    """
    ended = os.pidfd_open(pid)
    poll = _poll(ended)
    discard: Discard | None = None
    waits, waits_for_all = True, False
    while waits:
        for fd, _ in poll.poll():
            if fd == ended:
                waits = False
            elif fd == CONTROL:
                order, fds = receive(control)
                if order == DISCARD:
                    discard = discard or Discard(poll, _poll(ended).poll, counted=True)
                    discard.add(fds)
                elif order == KILL:
                    waits = False
                elif order == ALL:
                    waits_for_all = True
                else:
                    os._exit(0)
            elif discard:
                discard.read(fd)
    if discard:
        discard.close()
    os.close(ended)
    return waits_for_all


def _poll(ended: int) -> select.poll:
    poll = select.poll()
    poll.register(CONTROL, select.POLLIN)
    poll.register(ended, select.POLLIN)
    return poll


def _reap_until(sleeper: int) -> None:
    """Reap every process of the job that is a child of the zygote. The sleeper ends after all others.

    They are the sleeper, the keeper, and those that the script has made with CLONE_PARENT. The others are
    children of the job's processes.
    """
    while os.waitpid(-1, 0)[0] != sleeper:
        continue
