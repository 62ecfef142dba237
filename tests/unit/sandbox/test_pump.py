"""The pump: the end of a job, and the cost of a hostile job to the worker."""

import os
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any

import pytest

from sandbox.guest.channel import Channel
from sandbox.guest.runner import STARTED
from sandbox.pump import Pump

_TAG = b"tag"


@dataclass
class Ends:
    """A pump, and the ends of its descriptors that a runner and its init hold in a real sandbox."""

    pump: Pump
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
        yield Ends(pump, runner, init, outputs)
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


def test_pump_reads_the_report_of_an_ended_runner_with_few_polls(ends: Ends) -> None:
    answer = Channel(ends.runner, _TAG)
    answer.send(STARTED)
    answer.send({"kind": "result"})
    ends.runner.close()
    polls = 0

    def count(_frame: FrameType, event: str, called: Any) -> None:
        nonlocal polls
        polls += event == "c_call" and called.__name__ == "poll"

    sys.setprofile(count)
    try:
        _finish(ends)
    finally:
        sys.setprofile(None)
    assert (ends.pump.started, ends.pump.report) == (True, b'{"kind": "result"}')
    assert polls < 20


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


def test_pump_ends_when_output_and_the_end_arrive_together_and_the_pipe_stays_open(ends: Ends) -> None:
    """A script can hold its pipes open past its end, in messages that no process receives."""
    os.write(ends.outputs[0], bytes(8192))
    while not ends.pump.outputs[0].kept:
        ends.pump.step(60)
    os.write(ends.outputs[0], b"last")
    _finish(ends)
    assert ends.pump.outputs[0].kept.endswith(b"last")
