"""The process that holds a sandbox's init: what it says, and what is left where it does not start."""

import os
import resource
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sandbox.errors import SandboxFailure
from sandbox.process import GuestProcess
from sandbox.session import Session

_TALKATIVE = """
import os, socket
for _ in range(100):
    try:
        os.write(2, b"x" * 4096)
    except BlockingIOError:
        pass
socket.socket(fileno=0).send(b"said")
os.read(0, 1)
"""


def test_who_says_more_than_anybody_reads_is_not_held_up() -> None:
    process = GuestProcess([sys.executable, "-c", _TALKATIVE])
    try:
        assert process.control.recv(16) == b"said"
    finally:
        process.close()
    assert process.said == "x" * 4096


@pytest.mark.parametrize("free", range(6))
def test_where_descriptors_run_out_none_is_left_open(free: int) -> None:
    before = _open()
    with _free_descriptors(free), pytest.raises(SandboxFailure, match="Too many open files"):
        GuestProcess([sys.executable, "-c", ""])
    assert _open() == before


@pytest.mark.parametrize("free", range(8))
def test_where_descriptors_run_out_no_runner_leaves_one_open(free: int) -> None:
    control, init = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with control, init:
        before = _open()
        with _free_descriptors(free), pytest.raises(SandboxFailure, match="Too many open files"):
            Session(control)
        assert _open() == before


def _open() -> list[str]:
    return sorted(path.name for path in Path("/proc/self/fd").iterdir())


@contextmanager
def _free_descriptors(count: int) -> Iterator[None]:
    """Let no more than `count` descriptors be opened."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = sorted(os.open(os.devnull, os.O_RDONLY) for _ in range(count + 1))
    for fd in free:
        os.close(fd)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free[-1], limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
