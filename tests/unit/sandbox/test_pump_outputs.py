"""The pump: outputs up to their cap, stdin, and their cost to the worker."""

import os
import socket
import time
from contextlib import suppress

import pytest

from jobs.limits import OUTPUT_BYTES
from sandbox.errors import SandboxFailure
from sandbox.guest.discard import DISCARD
from sandbox.pump import Pump
from tests.support.pump import TAG, PumpEnds, count_calls, finish, unread


def _fill(ends: PumpEnds, fd: int, data: bytes) -> bytes:
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


def _write(ends: PumpEnds, fd: int, size: int) -> None:
    """Write `size` bytes to an output; the pump makes room."""
    os.set_blocking(fd, False)
    while size:
        try:
            size -= os.write(fd, bytes(min(size, 1 << 16)))
        except BlockingIOError:
            ends.pump.step(60)


def _receive_discards(ends: PumpEnds) -> list[int]:
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


def test_pump_pauses_an_output_after_a_small_read(ends: PumpEnds) -> None:
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


@pytest.mark.parametrize("size", [1 << 20, 64 * 1024, 8192, 1000])
def test_pump_reads_one_byte_past_the_cap_and_hands_the_pipe_to_the_init(ends: PumpEnds, size: int) -> None:
    written = _fill(ends, ends.outputs[0], bytes(range(250)) * (size // 250))
    (pipe,) = _receive_discards(ends)
    assert len(written) == OUTPUT_BYTES + 1 + unread(pipe)
    stdout, stderr = ends.pump.outputs
    assert (stdout.kept, stdout.truncated) == (written[:OUTPUT_BYTES], True)
    assert (stderr.kept, stderr.truncated) == (b"", False)
    os.close(pipe)


def test_pump_hands_each_output_over_once(ends: PumpEnds) -> None:
    for fd in ends.outputs:
        _fill(ends, fd, bytes(64 * 1024))
    pipes = _receive_discards(ends)
    for pipe, fd in zip(pipes, ends.outputs, strict=True):
        assert os.read(pipe, 1 << 20)
        os.write(fd, bytes(1000))
        ends.pump.step(0)
        assert unread(pipe) == 1000
        os.close(pipe)
    finish(ends)
    assert _receive_discards(ends) == []
    assert [output.truncated for output in ends.pump.outputs] == [True, True]


def test_pump_keeps_an_output_of_exactly_the_cap(ends: PumpEnds) -> None:
    _write(ends, ends.outputs[1], OUTPUT_BYTES)
    finish(ends)
    _, stderr = ends.pump.outputs
    assert (len(stderr.kept), stderr.truncated) == (OUTPUT_BYTES, False)


def test_pump_hands_no_output_over_when_the_runner_has_ended(ends: PumpEnds) -> None:
    _write(ends, ends.outputs[0], OUTPUT_BYTES)
    while unread(ends.outputs[0]):
        ends.pump.step(60)
    os.write(ends.outputs[0], b"more")
    finish(ends)
    assert ends.pump.outputs[0].truncated
    assert _receive_discards(ends) == []


def test_pump_goes_on_when_the_sandbox_ended_before_it_took_an_output_over(ends: PumpEnds) -> None:
    ends.init.close()
    _fill(ends, ends.outputs[0], bytes(64 * 1024))
    assert (ends.pump.finished, ends.pump.ended) == (True, None)


def test_pump_raises_when_an_output_cannot_be_handed_over(ends: PumpEnds) -> None:
    ends.control.setblocking(False)
    with suppress(BlockingIOError):
        while True:
            ends.control.send(b"order")
    with pytest.raises(SandboxFailure, match="cannot hand an output over"):
        _fill(ends, ends.outputs[0], bytes(64 * 1024))


def test_pump_reads_less_and_less_often_when_a_script_writes_few_bytes_at_a_time(ends: PumpEnds) -> None:
    ends_at = time.monotonic() + 0.3
    with count_calls("read") as reads:
        while time.monotonic() < ends_at:
            os.write(ends.outputs[0], b"x")
            ends.pump.step(0.001)
    assert 0 < reads() <= 16, "pauses of 1, 2, 4, 8, 16, 32, 32 … ms"


def test_pump_writes_a_large_stdin_at_once_however_the_script_reads_it(ends: PumpEnds) -> None:
    stdin, stdin_write = os.pipe()
    data = os.urandom(1 << 20)
    with count_calls("write") as writes:
        pump = Pump(
            stdin=stdin_write, data=data, outputs=ends.pipes, job=ends.job, tag=TAG, control=ends.control
        )
        received = bytearray()
        while chunk := os.read(stdin, 4096):
            received += chunk
            pump.step(0)
    assert (bytes(received), writes()) == (data, 1)
    os.close(stdin)


def test_pump_ends_when_output_and_the_end_arrive_together_and_the_pipe_stays_open(ends: PumpEnds) -> None:
    """A script can hold its pipes open past its end, in messages that no process receives."""
    _write(ends, ends.outputs[0], 8192)
    while not ends.pump.outputs[0].kept:
        ends.pump.step(60)
    os.write(ends.outputs[0], b"last")
    finish(ends)
    assert ends.pump.outputs[0].kept.endswith(b"last")
