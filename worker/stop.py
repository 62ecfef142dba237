"""The stop of a worker: signals take it through its stages."""

import logging
from typing import Any

from celery import bootsteps
from celery.worker import state

from worker.stage import Stage

_log = logging.getLogger(__name__)


def stop_step(stage: Stage, grace: float) -> type[bootsteps.StartStopStep]:
    """Make the consumer's step that takes the signals over from Celery.

    Celery's own stop waits for its jobs for ever, or loses them. This one makes it wait, and sees to it that
    there comes an end.
    """

    class Stop(bootsteps.StartStopStep):  # type: ignore[misc]
        requires = ("celery.worker.consumer.tasks:Tasks",)

        def start(self, _consumer: Any) -> None:
            stage.follow_signals(_stop_consuming, grace)

        def stop(self, _consumer: Any) -> None:
            if not stage.taking:
                _log.info(
                    "no more jobs are taken; after %g s, or a second signal, they are handed back", grace
                )

    return Stop


def _stop_consuming() -> None:
    # What Celery's own handler sets: its loop ends at the next turn, with this exit status.
    state.should_stop = 0
