"""The start of a worker: it consumes once its pool processes are ready for jobs of every environment."""

from collections.abc import Callable
from typing import Any

from celery import bootsteps
from celery.exceptions import WorkerTerminate
from celery.worker import state

from config.names import queue_of
from worker.environment_checks import EnvironmentChecks
from worker.shutdown_state import ShutdownState


def start_up_step(
    checks: EnvironmentChecks,
    shutdown: ShutdownState,
    *,
    follow_signals: Callable[[], None],
    on_checked: Callable[[dict[str, str]], None],
) -> type[bootsteps.StartStopStep]:
    """Make the worker's step between the start of the pool and the start of the consumer.

    Args:
        checks: The checks that the pool processes run.
        shutdown: The shutdown state of the worker.
        follow_signals: Lets signals change the shutdown state.
        on_checked: Called with the fault of each broken environment.
    """

    class StartUp(bootsteps.StartStopStep):  # type: ignore[misc]
        requires = ("celery.worker.components:Pool",)

        def start(self, worker: Any) -> None:
            follow_signals()
            if state.should_stop is not None:
                # The signal came while Celery had the signals. The pool processes end, and so does the wait.
                shutdown.finish()
            faults = checks.wait()
            if not shutdown.accepts_jobs:
                raise WorkerTerminate(0)
            on_checked(faults)
            worker.app.amqp.queues.select([queue_of(name) for name in checks.working])

    return StartUp
