"""A runner that waits for its job, and how its end is noticed."""

import os
import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from sandbox.errors import SandboxFailure
from sandbox.guest.channel import Channel
from sandbox.guest.init import DESCRIPTORS
from sandbox.guest.runner import READY
from sandbox.session import Session


@pytest.fixture
def control() -> Iterator[tuple[socket.socket, socket.socket]]:
    """The host's end and init's end of a control socket."""
    outside, inside = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with outside, inside:
        yield outside, inside


def _take(inside: socket.socket) -> list[int]:
    _, descriptors, _, _ = socket.recv_fds(inside, 16, DESCRIPTORS)
    return descriptors


def test_a_sandbox_that_ends_is_noticed_though_its_job_socket_stays_open(
    control: tuple[socket.socket, socket.socket],
) -> None:
    outside, inside = control
    with closing(Session(outside)) as session:
        # As under gVisor, which holds on to descriptors that nobody received.
        descriptors = _take(inside)
        inside.close()
        with pytest.raises(SandboxFailure, match="ended before it was ready"):
            session.await_ready(60)
    for fd in descriptors:
        os.close(fd)


def test_a_runner_that_was_ready_is_heard_though_its_sandbox_has_ended(
    control: tuple[socket.socket, socket.socket],
) -> None:
    outside, inside = control
    with closing(Session(outside)) as session:
        *others, job = _take(inside)
        with socket.socket(fileno=job) as runner:
            Channel(runner).send({READY: ["root"]})
        for fd in others:
            os.close(fd)
        inside.close()
        assert session.await_ready(60) == ["root"]


def test_a_runner_that_says_nothing_is_not_waited_for_longer_than_asked(
    control: tuple[socket.socket, socket.socket],
) -> None:
    with closing(Session(control[0])) as session, pytest.raises(SandboxFailure, match=r"within 0\.01 s"):
        session.await_ready(0.01)
