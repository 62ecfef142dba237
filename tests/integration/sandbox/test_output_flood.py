"""Output past its cap: its cost for the worker and for the job, and the bytes that are kept."""

import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from jobs.job import Job
from jobs.limits import OUTPUT_BYTES, Limits
from jobs.outcome import ErrorType
from sandbox.jail.sandbox import NsjailSandbox
from sandbox.protocol import Sandbox
from sandbox.restricted.sandbox import RestrictedSandbox
from tests.support.scripts import error_of

#: Ways to write for ever.
_FLOODS = {
    "64 KB": "    while True: os.write(1, bytes(65536))",
    "1 MB": "    fcntl.fcntl(1, fcntl.F_SETPIPE_SZ, 1 << 20)\n    while True: os.write(1, bytes(1 << 20))",
    "8 KB": "    while True: os.write(1, bytes(8192))",
    "100 bytes": "    while True: os.write(1, bytes(100))",
    "1 byte": "    while True: os.write(1, b'x')",
    "both outputs": "    while True: os.write(1, bytes(65536)); os.write(2, bytes(65536))",
    "8 processes": "    for _ in range(3): os.fork()\n    while True: os.write(1, bytes(65536))",
    "job socket": "    while True:\n        try: os.write(3, bytes(100))\n        except OSError: pass",
}

#: CPU seconds that the worker may take for the bytes that it keeps, on a busy machine. They do not grow with the job.
_KEPT = 0.1

#: Writes 100 MB, alternately to both outputs, in blocks that differ.
_HONEST = """
import sys
def main():
    for number in range(800):
        print(f"{number:08}" * 8192, end="")
        print(f"{number:08}" * 8192, end="", file=sys.stderr)
    return {"done": True}
"""


@pytest.fixture(scope="module")
def unguarded() -> Iterator[RestrictedSandbox]:
    """A sandbox without the language layer: scripts have the real `os`."""
    with closing(RestrictedSandbox(language=False)) as sandbox:
        yield sandbox


def _flood(flood: str) -> Job:
    script = f"import os, fcntl\ndef main():\n{_FLOODS[flood]}"
    return Job(script, limits=Limits(timeout=1))


def _cpu_seconds(pid: int) -> float:
    """Return the CPU time of another process, by the clock that clock_getcpuclockid(3) gives."""
    return time.clock_gettime(~pid << 3 | 2)


@pytest.mark.parametrize("flood", _FLOODS)
def test_flood_in_a_jail_costs_the_worker_at_most_a_fifth_of_the_cpu_time_of_the_job(
    sandbox: NsjailSandbox, flood: str
) -> None:
    before = time.thread_time()
    outcome = sandbox.run(_flood(flood))
    worker = time.thread_time() - before
    assert error_of(outcome)[0] == ErrorType.TIMEOUT
    assert outcome.usage.cpu_ms is not None
    assert worker <= _KEPT + (outcome.usage.cpu_ms / 1000 - worker) / 5


@pytest.mark.parametrize("flood", ["64 KB", "8 KB", "both outputs"])
def test_flood_in_the_restricted_executor_counts_the_cpu_time_of_its_reads_as_the_jobs(
    unguarded: RestrictedSandbox, flood: str
) -> None:
    unguarded.dropped()
    assert unguarded._guest is not None
    init = unguarded._guest._process.pid
    before = time.thread_time() + _cpu_seconds(init)
    outcome = unguarded.run(_flood(flood))
    reads = time.thread_time() + _cpu_seconds(init) - before
    assert outcome.usage.cpu_ms is not None
    assert 0.5 * reads <= outcome.usage.cpu_ms / 1000
    assert reads <= 0.2, "the init pauses after each read"


def test_job_keeps_the_first_bytes_of_both_outputs_exactly_when_it_prints_100_mb(
    sandbox: NsjailSandbox,
) -> None:
    _check_honest(sandbox)


def test_restricted_job_keeps_the_first_bytes_of_both_outputs_exactly_when_it_prints_100_mb(
    restricted: RestrictedSandbox,
) -> None:
    _check_honest(restricted)


def _check_honest(sandbox: Sandbox) -> None:
    outcome = sandbox.run(Job(_HONEST, limits=Limits(timeout=30)))
    assert outcome.result == {"done": True}, outcome.error
    expected = "".join(f"{number:08}" * 8192 for number in range(17))[:OUTPUT_BYTES]
    assert (outcome.stdout_truncated, outcome.stderr_truncated) == (True, True)
    assert outcome.stdout == expected
    assert outcome.stderr == expected


def test_jail_serves_the_next_job_when_a_flood_was_stopped(sandbox: NsjailSandbox) -> None:
    for _ in range(2):
        error_of(sandbox.run(_flood("both outputs")))
        assert sandbox.run(Job("def main():\n    print('next')\n    return {}")).stdout == "next\n"
