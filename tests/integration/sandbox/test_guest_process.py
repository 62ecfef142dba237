"""The process that holds a sandbox's init: its output, and the descriptors left after a failed start."""

import os
import resource
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sandbox.errors import SandboxFailure
from sandbox.guest_process import GuestProcess
from sandbox.session import Session

_WRITES_MUCH = """
import os, socket
for _ in range(100):
    try:
        os.write(2, b"x" * 4096)
    except BlockingIOError:
        pass
socket.socket(fileno=0).send(b"done")
os.read(0, 1)
"""

_TELLS_CORE_LIMITS = """
import resource, socket
with open("/proc/self/coredump_filter") as file:
    print(file.read(), resource.getrlimit(resource.RLIMIT_CORE), flush=True)
socket.socket(fileno=0).send(b"done")
"""


def test_guest_process_does_not_block_when_its_output_fills_the_pipe() -> None:
    process = GuestProcess([sys.executable, "-c", _WRITES_MUCH])
    try:
        assert process.control.recv(16) == b"done"
    finally:
        process.close()
    assert process.output == "x" * 4096


def test_guest_process_excludes_its_memory_from_core_dumps() -> None:
    process = GuestProcess([sys.executable, "-c", _TELLS_CORE_LIMITS])
    try:
        assert process.control.recv(16) == b"done"
    finally:
        process.close()
    assert process.output.split(maxsplit=1) == ["00000000", "(1, 1)"]


@pytest.mark.parametrize("free", range(6))
def test_guest_process_leaves_no_descriptor_open_when_descriptors_run_out(free: int) -> None:
    before = _open_descriptors()
    with _free_descriptors(free), pytest.raises(SandboxFailure, match="Too many open files"):
        GuestProcess([sys.executable, "-c", ""])
    assert _open_descriptors() == before


@pytest.mark.parametrize("free", range(8))
def test_session_leaves_no_descriptor_open_when_descriptors_run_out(free: int) -> None:
    control, init = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with control, init:
        before = _open_descriptors()
        with _free_descriptors(free), pytest.raises(SandboxFailure, match="Too many open files"):
            Session(control)
        assert _open_descriptors() == before


def _open_descriptors() -> list[str]:
    return sorted(path.name for path in Path("/proc/self/fd").iterdir())


@contextmanager
def _free_descriptors(count: int) -> Iterator[None]:
    """Allow at most `count` more descriptors."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = sorted(os.open(os.devnull, os.O_RDONLY) for _ in range(count + 1))
    for fd in free:
        os.close(fd)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free[-1], limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
