"""The shutdown of a worker: signals change its ShutdownState."""

import logging
from collections.abc import Callable
from typing import Any

from celery import bootsteps
from celery.worker import state
from redis import RedisError

from worker.shutdown_state import ShutdownState

_log = logging.getLogger(__name__)


def shutdown_step(
    shutdown: ShutdownState, grace: float, interrupt_waits: Callable[[], None]
) -> type[bootsteps.StartStopStep]:
    """Make the consumer's step that ends the waits of pool processes when the worker stops.

    Args:
        shutdown: The shutdown state of the worker.
        grace: Seconds that running jobs may continue.
        interrupt_waits: Ends the waits of processes that wait for a job. Raises redis.RedisError.
    """

    class Shutdown(bootsteps.StartStopStep):  # type: ignore[misc]
        requires = ("celery.worker.consumer.tasks:Tasks",)

        def stop(self, _consumer: Any) -> None:
            if shutdown.accepts_jobs:
                return
            _log.info("no more jobs are claimed; after %g s, or a second signal, they are handed back", grace)
            try:
                interrupt_waits()
            except RedisError as error:
                # Processes that wait cannot reach Redis either, and see the state when their wait fails.
                _log.warning("could not interrupt the wait for jobs: %s", error)

    return Shutdown


def follow_signals(shutdown: ShutdownState, grace: float) -> None:
    """Take the signals over from Celery.

    Celery's own shutdown waits for its jobs without a limit, or loses them. This one limits the wait to
    `grace` seconds.
    """
    shutdown.follow_signals(_stop_consuming, grace)


def _stop_consuming() -> None:
    # Celery's own signal handler sets this: its loop ends at the next turn, with this exit status.
    state.should_stop = 0
