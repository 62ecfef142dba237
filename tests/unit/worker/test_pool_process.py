import inspect
import os
import threading

from billiard import pool

from worker.pool_process import end_promptly, ending_with
from worker.shutdown_state import ShutdownState


def test_end_promptly_sets_the_limit_that_billiard_reads() -> None:
    name = "GUARANTEE_MESSAGE_CONSUMPTION_RETRY_LIMIT"
    before = getattr(pool, name)
    # The limit only has an effect while billiard reads it from its module as the process ends.
    assert name in inspect.getsource(pool.Worker)
    try:
        end_promptly()
        assert 0 < getattr(pool, name) < before
    finally:
        setattr(pool, name, before)


def test_process_without_a_job_ends_when_the_worker_stops() -> None:
    shutdown = ShutdownState()
    pid = os.fork()
    if pid == 0:
        with ending_with(shutdown):
            threading.Event().wait()
    shutdown.finish()
    assert os.waitpid(pid, 0)[1] == 0
