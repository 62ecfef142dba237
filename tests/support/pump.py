"""A pump without a sandbox: the test holds the ends of a runner and its init."""

import fcntl
import os
import socket
import struct
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

from sandbox.guest.channel import Channel
from sandbox.pump import Pump

TAG = b"tag"


@dataclass
class PumpEnds:
    """A pump, its descriptors, and the other ends, which a runner and its init hold in a real sandbox."""

    pump: Pump
    pipes: tuple[int, int]
    job: socket.socket
    control: socket.socket
    runner: socket.socket
    init: socket.socket
    outputs: list[int]


@contextmanager
def pump_ends() -> Iterator[PumpEnds]:
    """Make a pump and its ends; close them afterwards."""
    job, runner = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    control, init = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    stdin, stdin_write = os.pipe()
    out, out_write = os.pipe()
    err, err_write = os.pipe()
    pump = Pump(stdin=stdin_write, data=b"", outputs=(out, err), job=job, tag=TAG, control=control)
    with job, runner, control, init:
        outputs = [out_write, err_write]
        yield PumpEnds(pump, (out, err), job, control, runner, init, outputs)
        pump.close()
    for fd in (stdin, out, err, *outputs):
        os.close(fd)


def finish(ends: PumpEnds) -> None:
    """Report the end of the runner, and run the pump to its end."""
    Channel(ends.init).send({"status": 0})
    while not ends.pump.finished:
        ends.pump.step(60)


@contextmanager
def count_calls(name: str) -> Iterator[Callable[[], int]]:
    """Count the calls of the C functions `name`."""
    calls = 0

    def count(_frame: FrameType, event: str, called: Any) -> None:
        nonlocal calls
        calls += event == "c_call" and called.__name__ == name

    sys.setprofile(count)
    try:
        yield lambda: calls
    finally:
        sys.setprofile(None)


def unread(fd: int) -> int:
    """Return the bytes that wait in a pipe."""
    return int(struct.unpack("i", fcntl.ioctl(fd, termios.FIONREAD, bytes(4)))[0])
