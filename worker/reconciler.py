"""The reconciler: in every worker, so that what one of them leaves behind another picks up."""

import logging
import time
from typing import Any

from celery import bootsteps
from redis import RedisError

from store.claim import LEASE
from store.reconcile import RECONCILE_EVERY, Reconcile

_log = logging.getLogger(__name__)


def reconciler_step(reconcile: Reconcile) -> type[bootsteps.StartStopStep]:
    """Make the consumer's step that reconciles again and again.

    On the consumer's own event loop, as the sign of life: a worker that does not consume repairs nothing.
    """

    class Reconciler(bootsteps.StartStopStep):  # type: ignore[misc]
        requires = ("celery.worker.consumer.tasks:Tasks",)

        def __init__(self, consumer: Any, **options: Any) -> None:
            super().__init__(consumer, **options)
            # Leases are judged from then on: after an outage, every worker first gets the time to renew.
            self._judge_from = 0.0
            self._started = False

        def start(self, consumer: Any) -> None:
            if self._started:
                self._spare_leases()
            self._started = True
            self._timer = consumer.timer.call_repeatedly(RECONCILE_EVERY, self._reconcile)

        def stop(self, _consumer: Any) -> None:
            self._timer.cancel()

        def _spare_leases(self) -> None:
            self._judge_from = time.monotonic() + LEASE

        def _reconcile(self) -> None:
            try:
                done = reconcile(leases=time.monotonic() >= self._judge_from)
            except RedisError as error:
                _log.warning("could not reconcile: %s", error)
                self._spare_leases()
                return
            if done is None:
                return
            if done.requeued or done.lost or done.expired:
                _log.warning(
                    "of jobs whose worker was lost, %d are queued again and %d ended; %d waited too long",
                    done.requeued,
                    done.lost,
                    done.expired,
                )

    return Reconciler
