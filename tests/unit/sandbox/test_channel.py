"""The messages between worker, init and runner."""

import os
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.guest.channel import PIECE, Channel, Collector


@pytest.mark.parametrize("size", [0, 1, PIECE - 2, PIECE, 3 * PIECE + 5])
def test_channel_delivers_a_message_of_any_size(size: int) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        Channel(ours, b"tag").send("x" * size)
        assert Channel(theirs, b"tag").receive() == "x" * size


def test_channel_delivers_lone_surrogates() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        Channel(ours).send({"a": "\ud800"})
        assert Channel(theirs).receive() == {"a": "\ud800"}


def test_channel_raises_eof_error_when_the_other_end_is_closed() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours:
        theirs.close()
        with pytest.raises(EOFError):
            Channel(ours).receive()


@given(st.lists(st.binary(max_size=40).filter(lambda noise: not noise.startswith(b"tag"))))
def test_collector_ignores_packets_without_the_tag(noise: list[bytes]) -> None:
    collector = Collector(b"tag", limit=100)
    for packet in noise:
        assert not collector.add(packet)
    collector.add(b"tag+[1,")
    for packet in noise:
        collector.add(packet)
    assert collector.add(b"tag.2]")
    assert collector.data == b"[1,2]"


def test_collector_drops_a_message_past_its_limit_but_completes_at_its_end() -> None:
    collector = Collector(b"", limit=4)
    collector.add(b"+123")
    collector.add(b"+456")
    assert not collector.complete
    assert collector.add(b".7")
    assert collector.overflow
    assert len(collector.data) <= 4


def test_collector_ignores_packets_after_a_complete_message() -> None:
    collector = Collector(b"", limit=None)
    collector.add(b".first")
    collector.add(b".second")
    assert collector.data == b"first"


def test_channel_delivers_a_descriptor() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs, Path(__file__).open("rb") as file:
        Channel(ours).send_with(file.fileno(), "message")
        received = Channel(theirs).receive_descriptor()
        assert received != file.fileno()
        assert os.path.sameopenfile(received, file.fileno())
        os.close(received)


def test_channel_raises_eof_error_when_no_descriptor_comes() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        Channel(ours).send("message")
        with pytest.raises(EOFError):
            Channel(theirs).receive_descriptor()
