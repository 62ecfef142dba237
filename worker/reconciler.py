"""The reconciler. It runs in every worker, so that one worker repairs the jobs of a lost worker."""

import logging
import time
from typing import Any

from celery import bootsteps
from redis import RedisError

from store.job_store import JobStore

_log = logging.getLogger(__name__)


def reconciler_step(store: JobStore) -> type[bootsteps.StartStopStep]:
    """Make the consumer's step that reconciles at a fixed interval.

    It runs on the consumer's own event loop, like the registration. So a worker that does not consume
    repairs nothing.
    """

    class Reconciler(bootsteps.StartStopStep):  # type: ignore[misc]
        requires = ("celery.worker.consumer.tasks:Tasks",)

        def __init__(self, consumer: Any, **options: Any) -> None:
            super().__init__(consumer, **options)
            # The reconciler acts on lapsed leases from this time on. After an outage every worker first gets
            # time to renew.
            self._judge_from = 0.0
            self._started = False

        def start(self, consumer: Any) -> None:
            if self._started:
                self._spare_leases()
            self._started = True
            every = store.config.reconcile_every
            self._timer = consumer.timer.call_repeatedly(every, self._reconcile)

        def stop(self, _consumer: Any) -> None:
            self._timer.cancel()

        def _spare_leases(self) -> None:
            self._judge_from = time.monotonic() + store.config.lease

        def _reconcile(self) -> None:
            try:
                done = store.reconcile(judge_leases=time.monotonic() >= self._judge_from)
            except RedisError as error:
                _log.warning("could not reconcile: %s", error)
                self._spare_leases()
                return
            if done is None:
                return
            self._take_snapshot()
            if done.requeued or done.lost or done.expired:
                _log.warning(
                    "of jobs whose worker was lost, %d are queued again and %d ended; %d waited too long",
                    done.requeued,
                    done.lost,
                    done.expired,
                )

        def _take_snapshot(self) -> None:
            try:
                store.take_snapshot()
            except RedisError as error:
                _log.warning("could not add to the history: %s", error)

    return Reconciler
