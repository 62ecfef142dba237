"""The clocks of a job."""

import time

from jobs.limits import Limits
from sandbox.deadline import Deadline
from sandbox.observation import StopReason


def _use_cpu(seconds: float) -> None:
    ends = time.thread_time() + seconds
    while time.thread_time() < ends:
        pass


def test_deadline_counts_the_cpu_time_of_the_worker_against_the_job() -> None:
    deadline = Deadline(Limits(timeout=60, cpu=0.1), lambda: 0.0)
    assert deadline.passed() is None
    _use_cpu(0.1)
    assert deadline.passed() is StopReason.CPU
    assert deadline.cpu is not None
    assert deadline.cpu >= 0.1


def test_deadline_has_no_cpu_time_of_the_job_when_there_is_no_cpu_clock() -> None:
    deadline = Deadline(Limits(timeout=60, cpu=0.1), None)
    _use_cpu(0.1)
    assert (deadline.passed(), deadline.cpu) == (None, None)
    assert deadline.worker_cpu >= 0.1
