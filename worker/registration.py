"""The worker's sign of life: while it consumes, it says so in Redis."""

import logging
from typing import Any

from celery import bootsteps
from redis import Redis, RedisError

from store.workers import BEAT_EVERY, Worker, Workers

_log = logging.getLogger(__name__)


def registration_step(redis: "Redis", worker: Worker) -> type[bootsteps.StartStopStep]:
    """Make the consumer's step that announces `worker`.

    A step of the consumer, not a thread: it starts when consuming starts, runs on the consumer's
    own event loop, and stops with it, so a sign of life is the truth about consuming.
    """
    workers = Workers(redis)

    class Presence(bootsteps.StartStopStep):  # type: ignore[misc]
        requires = ("celery.worker.consumer.tasks:Tasks",)

        def start(self, consumer: Any) -> None:
            self._beat()
            self._timer = consumer.timer.call_repeatedly(BEAT_EVERY, self._beat)

        def stop(self, _consumer: Any) -> None:
            self._timer.cancel()
            try:
                workers.leave(worker)
            except RedisError as error:
                _log.warning("could not sign off: %s", error)

        def _beat(self) -> None:
            try:
                workers.beat(worker)
            except RedisError as error:
                _log.warning("could not give a sign of life: %s", error)

    return Presence
