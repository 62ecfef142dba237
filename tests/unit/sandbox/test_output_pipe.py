"""The pipe of one output."""

import os

from jobs.limits import OUTPUT_BYTES
from sandbox.output_pipe import OutputPipe


def test_output_pipe_keeps_the_cap_and_one_byte_more_makes_it_truncated() -> None:
    read_end, write_end = os.pipe()
    pipe = OutputPipe(read_end)
    for _ in range(OUTPUT_BYTES // 32768):
        os.write(write_end, bytes(32768))
        assert pipe.read() == 32768
    assert not pipe.truncated
    os.write(write_end, b"ab")
    assert (pipe.read(), pipe.truncated, len(pipe.output.kept)) == (1, True, OUTPUT_BYTES)
    os.close(write_end)
    os.close(read_end)


def test_output_pipe_does_not_wait_when_it_is_empty_and_ends_when_it_is_closed() -> None:
    read_end, write_end = os.pipe()
    pipe = OutputPipe(read_end)
    assert (pipe.read(), pipe.ended) == (0, False)
    assert os.get_blocking(write_end), "the script's end must block"
    os.close(write_end)
    assert (pipe.read(), pipe.ended) == (0, True)
    os.close(read_end)


def test_output_pipe_hands_on_the_kept_bytes_of_each_read() -> None:
    read_end, write_end = os.pipe()
    handed_on: list[bytes] = []
    pipe = OutputPipe(read_end, handed_on.append)
    pipe.read()
    for data in (b"a", b"bc", *[bytes(32768)] * (OUTPUT_BYTES // 32768)):
        os.write(write_end, data)
        pipe.read()
    os.close(write_end)
    while not pipe.ended:
        pipe.read()
    os.close(read_end)
    assert handed_on[:2] == [b"a", b"bc"]
    assert b"".join(handed_on) == pipe.output.kept
    assert all(handed_on)
