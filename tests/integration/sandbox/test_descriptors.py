"""The descriptors that a script can write to, when its worker has many open descriptors."""

import os
from collections.abc import Iterator
from contextlib import closing

import pytest

from jobs.job import Job
from sandbox.isolation import Isolation
from sandbox.restricted.sandbox import RestrictedSandbox
from tests.support.jail import nsjail_sandbox

#: More than a jail's limit on descriptors. A worker with many processes has this many pipes.
_MANY = 600

#: Uses a system call that the restricted executor allows too. Standard input is read-only.
_WRITABLE = """
import os
def is_writable(fd):
    try:
        os.write(fd, b"")
    except OSError:
        return False
    return True
def main():
    return {"writable": [fd for fd in range(4096) if is_writable(fd)]}
"""


@pytest.fixture
def many_descriptors() -> Iterator[None]:
    opened = [os.open(os.devnull, os.O_RDONLY) for _ in range(_MANY)]
    yield
    for fd in opened:
        os.close(fd)


@pytest.mark.parametrize("isolation", list(Isolation))
def test_job_in_a_jail_can_write_only_to_its_own_descriptors(
    nsjail: None, many_descriptors: None, isolation: Isolation
) -> None:
    with nsjail_sandbox(isolation) as sandbox:
        for _ in range(2):
            assert sandbox.run(Job(_WRITABLE)).result == {"writable": [1, 2, 3]}
            sandbox.prepare()


def test_restricted_job_can_write_only_to_its_own_descriptors(many_descriptors: None) -> None:
    with closing(RestrictedSandbox(language=False)) as sandbox:
        for _ in range(2):
            assert sandbox.run(Job(_WRITABLE)).result == {"writable": [1, 2, 3]}
            sandbox.prepare()
