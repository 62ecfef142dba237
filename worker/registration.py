"""The registration of a worker: repeated in Redis while it consumes."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from celery import bootsteps
from redis import RedisError

from jobs.environment import Environment
from store.job_store import JobStore
from store.worker import REGISTER_EVERY, Worker

_log = logging.getLogger(__name__)


def registration_step(
    store: JobStore, worker: Worker, environments: Sequence[Environment]
) -> type[bootsteps.StartStopStep]:
    """Make the consumer's step that registers `worker` with its environments, and announces them.

    It is a step, not a thread. It starts when the worker begins to consume, runs on the consumer's own event
    loop and stops with it. So a registration proves that the worker consumes.
    """

    class Registration(bootsteps.StartStopStep):  # type: ignore[misc]
        requires = ("celery.worker.consumer.tasks:Tasks",)

        def start(self, consumer: Any) -> None:
            # The environments are known when the worker starts to consume, and not before.
            self._worker = replace(worker, environments=tuple(one.name for one in environments))
            self._register()
            self._timer = consumer.timer.call_repeatedly(REGISTER_EVERY, self._register)

        def stop(self, _consumer: Any) -> None:
            self._timer.cancel()
            try:
                store.unregister_worker(self._worker)
            except RedisError as error:
                _log.warning("could not remove the registration: %s", error)

        def _register(self) -> None:
            try:
                store.register_worker(self._worker, environments)
            except RedisError as error:
                _log.warning("could not register: %s", error)

    return Registration
