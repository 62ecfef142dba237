"""The stop of a worker: signals take it through its stages."""

import logging
from collections.abc import Callable
from typing import Any

from celery import bootsteps
from celery.worker import state
from redis import RedisError

from worker.shutdown_state import ShutdownState

_log = logging.getLogger(__name__)


def shutdown_step(
    stage: ShutdownState, grace: float, call_off: Callable[[], None]
) -> type[bootsteps.StartStopStep]:
    """Make the consumer's step that takes the signals over from Celery.

    Celery's own stop waits for its jobs for ever, or loses them. This one makes it wait, and sees to it that
    there comes an end. call_off: ends the waits of processes that wait for a job; raises redis.RedisError.
    """

    class Stop(bootsteps.StartStopStep):  # type: ignore[misc]
        requires = ("celery.worker.consumer.tasks:Tasks",)

        def start(self, _consumer: Any) -> None:
            stage.follow_signals(_stop_consuming, grace)

        def stop(self, _consumer: Any) -> None:
            if stage.taking:
                return
            _log.info("no more jobs are taken; after %g s, or a second signal, they are handed back", grace)
            try:
                call_off()
            except RedisError as error:
                # Nor can those who wait reach it; they see it for themselves.
                _log.warning("could not call off the wait for jobs: %s", error)

    return Stop


def _stop_consuming() -> None:
    # What Celery's own handler sets: its loop ends at the next turn, with this exit status.
    state.should_stop = 0
