"""The pump: the end of a job, and the cost of a hostile job to the worker."""

import fcntl
import os
import socket
import struct
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from jobs.limits import OUTPUT_BYTES
from sandbox.errors import SandboxFailure
from sandbox.guest.channel import PIECE, Channel
from sandbox.guest.discard import DISCARD
from sandbox.guest.runner import STARTED
from sandbox.pump import Pump

_TAG = b"tag"


@dataclass
class Ends:
    """A pump, its descriptors, and the other ends, which a runner and its init hold in a real sandbox."""

    pump: Pump
    pipes: tuple[int, int]
    job: socket.socket
    control: socket.socket
    runner: socket.socket
    init: socket.socket
    outputs: list[int]


@pytest.fixture
def ends() -> Iterator[Ends]:
    job, runner = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    control, init = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    stdin, stdin_write = os.pipe()
    out, out_write = os.pipe()
    err, err_write = os.pipe()
    pump = Pump(stdin=stdin_write, data=b"", outputs=(out, err), job=job, tag=_TAG, control=control)
    with job, runner, control, init:
        outputs = [out_write, err_write]
        yield Ends(pump, (out, err), job, control, runner, init, outputs)
        pump.close()
    for fd in (stdin, out, err, *outputs):
        os.close(fd)


def _finish(ends: Ends) -> None:
    Channel(ends.init).send({"status": 0})
    while not ends.pump.finished:
        ends.pump.step(60)


def _flood(ends: Ends, packet: bytes) -> None:
    for _ in range(100_000):
        try:
            ends.runner.send(packet)
        except BlockingIOError:
            ends.pump.step(60)


@contextmanager
def _calls(name: str) -> Iterator[Callable[[], int]]:
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


def _unread(fd: int | socket.socket) -> int:
    return int(struct.unpack("i", fcntl.ioctl(fd, termios.FIONREAD, bytes(4)))[0])


def _fill(ends: Ends, fd: int, data: bytes) -> bytes:
    """Write `data` to an output again and again, until the pump does not make room; return what was written."""
    os.set_blocking(fd, False)
    written = bytearray()
    idle = 0
    while idle < 3:
        try:
            written += data[: os.write(fd, data)]
            idle = 0
        except BlockingIOError:
            ends.pump.step(0.05)
            idle += 1
    return bytes(written)


def _write(ends: Ends, fd: int, size: int) -> None:
    """Write `size` bytes to an output; the pump makes room."""
    os.set_blocking(fd, False)
    while size:
        try:
            size -= os.write(fd, bytes(min(size, 1 << 16)))
        except BlockingIOError:
            ends.pump.step(60)


def _descriptors() -> list[Path]:
    return list(Path("/proc/self/fd").iterdir())


def _receive_discards(ends: Ends) -> list[int]:
    """Receive the orders to the init; return the descriptors that came with them."""
    received: list[int] = []
    ends.init.setblocking(False)
    while True:
        try:
            order, fds, _, _ = socket.recv_fds(ends.init, 16, 4)
        except BlockingIOError:
            return received
        assert order == DISCARD
        received += fds


def test_pump_reads_the_report_of_an_ended_runner_with_few_polls(ends: Ends) -> None:
    answer = Channel(ends.runner, _TAG)
    answer.send(STARTED)
    answer.send({"kind": "result"})
    ends.runner.close()
    with _calls("poll") as polls:
        _finish(ends)
    assert (ends.pump.started, ends.pump.report) == (True, b'{"kind": "result"}')
    assert polls() < 20


def test_pump_keeps_output_from_around_the_report_but_waits_only_for_the_end_after_it(ends: Ends) -> None:
    answer = Channel(ends.runner, _TAG)
    answer.send(STARTED)
    ends.pump.step(60)
    os.write(ends.outputs[0], b"before")
    answer.send({"kind": "result"})
    ends.pump.step(60)
    os.write(ends.outputs[0], b" after")
    answer.send({"kind": "second"})
    for fd in ends.outputs:
        os.close(fd)
    ends.outputs.clear()
    ends.runner.close()
    ends.pump.step(0.01)
    stdout, _ = ends.pump.outputs
    assert stdout.kept == b"before"
    _finish(ends)
    stdout, _ = ends.pump.outputs
    assert (stdout.kept, ends.pump.report) == (b"before after", b'{"kind": "result"}')


def test_pump_waits_only_for_the_end_when_a_job_has_just_started(ends: Ends) -> None:
    Channel(ends.runner, _TAG).send(STARTED)
    os.write(ends.outputs[0], b"out")
    ends.pump.step(0)
    assert (ends.pump.started, ends.pump.outputs[0].kept) == (False, b"")
    Channel(ends.runner, _TAG).send({"kind": "result"})
    Channel(ends.init).send({"status": 0})
    ends.pump.step(60)
    assert ends.pump.finished
    assert (ends.pump.started, ends.pump.outputs[0].kept) == (True, b"out")
    assert ends.pump.report == b'{"kind": "result"}'


def test_pump_pauses_an_output_after_a_small_read(ends: Ends) -> None:
    def kept() -> bytes:
        return ends.pump.outputs[0].kept

    os.write(ends.outputs[0], b"a")
    while kept() != b"a":
        ends.pump.step(60)
    os.write(ends.outputs[0], b"b")
    ends.pump.step(0)
    assert kept() == b"a"
    while kept() != b"ab":
        ends.pump.step(60)


@pytest.mark.parametrize("packet", [b"rubbish", b"", _TAG + b"+", _TAG + b"+" + b"x" * 9000])
def test_pump_stops_reading_and_drops_the_report_when_a_runner_floods_the_job_socket(
    ends: Ends, packet: bytes
) -> None:
    answer = Channel(ends.runner, _TAG)
    answer.send(STARTED)
    ends.pump.step(60)
    ends.runner.setblocking(False)
    with pytest.raises(BrokenPipeError):
        _flood(ends, packet)
    _finish(ends)
    assert ends.pump.started
    assert (ends.pump.report, ends.pump.report_overflow) == (None, False)


def test_pump_reads_a_report_behind_an_empty_packet_when_the_runner_has_ended(ends: Ends) -> None:
    answer = Channel(ends.runner, _TAG)
    answer.send(STARTED)
    ends.runner.send(b"")
    answer.send({"kind": "result"})
    ends.runner.close()
    # One packet per step, so that the pump reads the empty packet after the runner has ended.
    for _ in range(3):
        ends.pump.step(0)
    _finish(ends)
    assert (ends.pump.started, ends.pump.report) == (True, b'{"kind": "result"}')


@pytest.mark.parametrize("size", [1 << 20, 64 * 1024, 8192, 1000])
def test_pump_reads_one_byte_past_the_cap_and_hands_the_pipe_to_the_init(ends: Ends, size: int) -> None:
    written = _fill(ends, ends.outputs[0], bytes(range(250)) * (size // 250))
    (pipe,) = _receive_discards(ends)
    assert len(written) == OUTPUT_BYTES + 1 + _unread(pipe)
    stdout, stderr = ends.pump.outputs
    assert (stdout.kept, stdout.truncated) == (written[:OUTPUT_BYTES], True)
    assert (stderr.kept, stderr.truncated) == (b"", False)
    os.close(pipe)


def test_pump_hands_each_output_over_once(ends: Ends) -> None:
    for fd in ends.outputs:
        _fill(ends, fd, bytes(64 * 1024))
    pipes = _receive_discards(ends)
    for pipe, fd in zip(pipes, ends.outputs, strict=True):
        assert os.read(pipe, 1 << 20)
        os.write(fd, bytes(1000))
        ends.pump.step(0)
        assert _unread(pipe) == 1000
        os.close(pipe)
    _finish(ends)
    assert _receive_discards(ends) == []
    assert [output.truncated for output in ends.pump.outputs] == [True, True]


def test_pump_keeps_an_output_of_exactly_the_cap(ends: Ends) -> None:
    _write(ends, ends.outputs[1], OUTPUT_BYTES)
    _finish(ends)
    _, stderr = ends.pump.outputs
    assert (len(stderr.kept), stderr.truncated) == (OUTPUT_BYTES, False)


def test_pump_hands_no_output_over_when_the_runner_has_ended(ends: Ends) -> None:
    _write(ends, ends.outputs[0], OUTPUT_BYTES)
    while _unread(ends.outputs[0]):
        ends.pump.step(60)
    os.write(ends.outputs[0], b"more")
    _finish(ends)
    assert ends.pump.outputs[0].truncated
    assert _receive_discards(ends) == []


def test_pump_goes_on_when_the_sandbox_ended_before_it_took_an_output_over(ends: Ends) -> None:
    ends.init.close()
    _fill(ends, ends.outputs[0], bytes(64 * 1024))
    assert (ends.pump.finished, ends.pump.ended) == (True, None)


def test_pump_raises_when_an_output_cannot_be_handed_over(ends: Ends) -> None:
    ends.control.setblocking(False)
    with suppress(BlockingIOError):
        while True:
            ends.control.send(b"order")
    with pytest.raises(SandboxFailure, match="takes no output over"):
        _fill(ends, ends.outputs[0], bytes(64 * 1024))


def test_pump_reads_less_and_less_often_when_a_script_writes_few_bytes_at_a_time(ends: Ends) -> None:
    ends_at = time.monotonic() + 0.3
    with _calls("read") as reads:
        while time.monotonic() < ends_at:
            os.write(ends.outputs[0], b"x")
            ends.pump.step(0.001)
    assert 0 < reads() <= 16, "pauses of 1, 2, 4, 8, 16, 32, 32 … ms"


def test_pump_writes_a_large_stdin_at_once_however_the_script_reads_it(ends: Ends) -> None:
    stdin, stdin_write = os.pipe()
    data = os.urandom(1 << 20)
    with _calls("write") as writes:
        pump = Pump(
            stdin=stdin_write, data=data, outputs=ends.pipes, job=ends.job, tag=_TAG, control=ends.control
        )
        received = bytearray()
        while chunk := os.read(stdin, 4096):
            received += chunk
            pump.step(0)
    assert (bytes(received), writes()) == (data, 1)
    os.close(stdin)


def test_pump_keeps_no_descriptor_that_a_script_sends_over_the_job_socket(ends: Ends) -> None:
    read_end, write_end = os.pipe()
    open_before = len(_descriptors())
    for _ in range(3):
        socket.send_fds(ends.runner, [_TAG + b"+x"], [write_end] * 100)
    os.close(write_end)
    _finish(ends)
    assert len(_descriptors()) == open_before - 1
    assert os.read(read_end, 1) == b"", "the last descriptor for writing is closed"
    os.close(read_end)


def test_pump_reads_a_bounded_number_of_bytes_of_each_packet(ends: Ends) -> None:
    """A script can raise SO_SNDBUF and send packets far larger than the runner's."""
    ends.runner.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    Channel(ends.runner, _TAG).send(STARTED)
    ends.runner.send(_TAG + b"." + b"x" * 180_000)
    _finish(ends)
    assert ends.pump.report is not None
    assert len(ends.pump.report) <= 2 * PIECE


def test_pump_ends_when_output_and_the_end_arrive_together_and_the_pipe_stays_open(ends: Ends) -> None:
    """A script can hold its pipes open past its end, in messages that no process receives."""
    _write(ends, ends.outputs[0], 8192)
    while not ends.pump.outputs[0].kept:
        ends.pump.step(60)
    os.write(ends.outputs[0], b"last")
    _finish(ends)
    assert ends.pump.outputs[0].kept.endswith(b"last")
