"""The discarding of output past its cap, by the init of a job."""

import os
import select
from collections.abc import Iterator

import pytest

from sandbox.guest.discard import Discard

_MB = 1024 * 1024


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """A pipe of which the discard closes the end for reading."""
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    yield read_end, write_end
    os.close(write_end)


def _ready(poll: select.poll) -> list[int]:
    return [fd for fd, _ in poll.poll(0)]


def test_discard_empties_the_pipes_that_it_has_and_no_other(pipe: tuple[int, int]) -> None:
    read_end, write_end = pipe
    poll = select.poll()
    pauses: list[float] = []
    discard = Discard(poll, pauses.append, counted=True)
    os.write(write_end, bytes(65536))
    discard.read(read_end)
    assert _ready(poll) == []
    discard.add([read_end])
    assert _ready(poll) == [read_end]
    discard.read(read_end)
    assert (_ready(poll), pauses) == ([], [])
    discard.close()


def test_discard_pauses_after_two_reads_of_few_bytes(pipe: tuple[int, int]) -> None:
    read_end, write_end = pipe
    pauses: list[float] = []
    discard = Discard(select.poll(), pauses.append, counted=True)
    discard.add([read_end])
    for size in (65536, 100, 65536, 100, 100):
        assert pauses == []
        os.write(write_end, bytes(size))
        discard.read(read_end)
    assert pauses == [1]
    discard.close()


def test_discard_keeps_an_empty_pipe_and_does_not_wait_for_it(pipe: tuple[int, int]) -> None:
    read_end, write_end = pipe
    os.set_blocking(read_end, False)
    poll = select.poll()
    pauses: list[float] = []
    discard = Discard(poll, pauses.append, counted=True)
    discard.add([read_end])
    discard.read(read_end)
    os.write(write_end, b"a")
    assert _ready(poll) == [read_end]
    assert pauses == [1]
    discard.close()


def test_discard_closes_a_pipe_at_its_end() -> None:
    read_end, write_end = os.pipe()
    poll = select.poll()
    discard = Discard(poll, lambda _: None, counted=True)
    discard.add([read_end])
    os.close(write_end)
    discard.read(read_end)
    assert _ready(poll) == []
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(read_end)


def test_discard_pauses_longer_the_more_it_has_discarded_when_its_cpu_time_is_not_counted(
    pipe: tuple[int, int],
) -> None:
    read_end, write_end = pipe
    pauses: list[float] = []
    discard = Discard(select.poll(), pauses.append, counted=False)
    discard.add([read_end])
    size = 0
    while size < 600 * _MB:
        size += os.write(write_end, bytes(_MB))
        discard.read(read_end)
    discard.close()
    assert (pauses[0], pauses[-1]) == (5, 50)
    assert pauses == sorted(pauses)
    assert size / len(pauses) > _MB / 2, "the pipe was not enlarged"
