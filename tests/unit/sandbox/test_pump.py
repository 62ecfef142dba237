"""The pump: the end of a job, and the runner's messages."""

import os
import socket
from pathlib import Path

import pytest

from sandbox.guest.channel import PIECE, Channel
from sandbox.guest.runner import STARTED
from tests.support.pump import TAG, PumpEnds, count_calls, finish


def _flood(ends: PumpEnds, packet: bytes) -> None:
    for _ in range(100_000):
        try:
            ends.runner.send(packet)
        except BlockingIOError:
            ends.pump.step(60)


def _descriptors() -> list[Path]:
    return list(Path("/proc/self/fd").iterdir())


def test_pump_reads_the_report_of_an_ended_runner_with_few_polls(ends: PumpEnds) -> None:
    answer = Channel(ends.runner, TAG)
    answer.send(STARTED)
    answer.send({"kind": "result"})
    ends.runner.close()
    with count_calls("poll") as polls:
        finish(ends)
    assert (ends.pump.job_socket.started, ends.pump.job_socket.report) == (True, b'{"kind": "result"}')
    assert polls() < 20


def test_pump_keeps_output_from_around_the_report_but_waits_only_for_the_end_after_it(ends: PumpEnds) -> None:
    answer = Channel(ends.runner, TAG)
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
    finish(ends)
    stdout, _ = ends.pump.outputs
    assert (stdout.kept, ends.pump.job_socket.report) == (b"before after", b'{"kind": "result"}')


def test_pump_waits_only_for_the_end_when_a_job_has_just_started(ends: PumpEnds) -> None:
    Channel(ends.runner, TAG).send(STARTED)
    os.write(ends.outputs[0], b"out")
    ends.pump.step(0)
    assert (ends.pump.job_socket.started, ends.pump.outputs[0].kept) == (False, b"")
    Channel(ends.runner, TAG).send({"kind": "result"})
    Channel(ends.init).send({"status": 0})
    ends.pump.step(60)
    assert ends.pump.finished
    assert (ends.pump.job_socket.started, ends.pump.outputs[0].kept) == (True, b"out")
    assert ends.pump.job_socket.report == b'{"kind": "result"}'


@pytest.mark.parametrize("packet", [b"rubbish", b"", TAG + b"+", TAG + b"+" + b"x" * 9000])
def test_pump_stops_reading_and_drops_the_report_when_a_runner_floods_the_job_socket(
    ends: PumpEnds, packet: bytes
) -> None:
    answer = Channel(ends.runner, TAG)
    answer.send(STARTED)
    ends.pump.step(60)
    ends.runner.setblocking(False)
    with pytest.raises(BrokenPipeError):
        _flood(ends, packet)
    finish(ends)
    assert ends.pump.job_socket.started
    assert (ends.pump.job_socket.report, ends.pump.job_socket.report_overflow) == (None, False)


def test_pump_reads_a_report_behind_an_empty_packet_when_the_runner_has_ended(ends: PumpEnds) -> None:
    answer = Channel(ends.runner, TAG)
    answer.send(STARTED)
    ends.runner.send(b"")
    answer.send({"kind": "result"})
    ends.runner.close()
    # One packet per step, so that the pump reads the empty packet after the runner has ended.
    for _ in range(3):
        ends.pump.step(0)
    finish(ends)
    assert (ends.pump.job_socket.started, ends.pump.job_socket.report) == (True, b'{"kind": "result"}')


def test_pump_keeps_no_descriptor_that_a_script_sends_over_the_job_socket(ends: PumpEnds) -> None:
    read_end, write_end = os.pipe()
    open_before = len(_descriptors())
    for _ in range(3):
        socket.send_fds(ends.runner, [TAG + b"+x"], [write_end] * 100)
    os.close(write_end)
    finish(ends)
    assert len(_descriptors()) == open_before - 1
    assert os.read(read_end, 1) == b"", "the last descriptor for writing is closed"
    os.close(read_end)


def test_pump_reads_a_bounded_number_of_bytes_of_each_packet(ends: PumpEnds) -> None:
    """A script can raise SO_SNDBUF and send packets far larger than the runner's."""
    ends.runner.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    Channel(ends.runner, TAG).send(STARTED)
    ends.runner.send(TAG + b"." + b"x" * 180_000)
    finish(ends)
    assert ends.pump.job_socket.report is not None
    assert len(ends.pump.job_socket.report) <= 2 * PIECE
