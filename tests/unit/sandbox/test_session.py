"""A session with a runner that waits for its job."""

import os
import socket
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest

from jobs.job import Job
from jobs.mode import Mode
from sandbox.errors import SandboxFailure
from sandbox.guest.channel import Channel
from sandbox.guest.init import DESCRIPTORS
from sandbox.guest.runner import READY
from sandbox.session import Session


@pytest.fixture
def control() -> Iterator[tuple[socket.socket, socket.socket]]:
    """The worker's end and the init's end of a control socket."""
    outside, inside = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with outside, inside:
        yield outside, inside


def _receive_order(inside: socket.socket) -> list[int]:
    _, descriptors, _, _ = socket.recv_fds(inside, 16, DESCRIPTORS)
    return descriptors


def test_session_raises_when_the_sandbox_ends_and_the_job_socket_stays_open(
    control: tuple[socket.socket, socket.socket],
) -> None:
    outside, inside = control
    with closing(Session(outside)) as session:
        # gVisor keeps descriptors open that no process received.
        descriptors = _receive_order(inside)
        inside.close()
        with pytest.raises(SandboxFailure, match="ended before it was ready"):
            session.wait_until_ready(60)
    for fd in descriptors:
        os.close(fd)


def test_session_reads_ready_when_the_sandbox_has_ended_afterwards(
    control: tuple[socket.socket, socket.socket],
) -> None:
    outside, inside = control
    with closing(Session(outside)) as session:
        *others, job = _receive_order(inside)
        with socket.socket(fileno=job) as runner:
            Channel(runner).send({READY: ["root"]})
        for fd in others:
            os.close(fd)
        inside.close()
        assert session.wait_until_ready(60) == ["root"]


def test_session_raises_when_the_runner_is_not_ready_within_the_timeout(
    control: tuple[socket.socket, socket.socket],
) -> None:
    with closing(Session(control[0])) as session, pytest.raises(SandboxFailure, match=r"within 0\.01 s"):
        session.wait_until_ready(0.01)


def test_session_hands_mode_and_arguments_to_the_runner(
    control: tuple[socket.socket, socket.socket],
) -> None:
    outside, inside = control
    with closing(Session(outside)) as session:
        *others, job = _receive_order(inside)
        with socket.socket(fileno=job) as runner:
            Channel(runner).send({READY: []})
            session.wait_until_ready(60)
            inside.close()
            with suppress(SandboxFailure):
                session.run(
                    Job("print()", mode=Mode.PROGRAM, argv=("-n", "é")),
                    rlimits={},
                    kill=lambda: None,
                    cpu_clock=None,
                )
            frame = Channel(runner).receive()
        for fd in others:
            os.close(fd)
    assert (frame["script"], frame["mode"], frame["argv"]) == ("print()", "program", ["-n", "é"])
