"""The Celery messages, each a hint that some job waits."""

import logging
from typing import Final

from celery import Celery
from kombu.exceptions import OperationalError

from config.celery import celery_settings
from config.names import DISTRIBUTION, QUEUE, TASK
from config.settings import Settings

_log: Final = logging.getLogger(__name__)


class Hints:
    """Tells the workers to look for jobs."""

    def __init__(self, settings: Settings) -> None:
        """Make the client; nothing is sent yet."""
        self._celery = Celery(DISTRIBUTION, set_as_current=False)
        self._celery.conf.update(celery_settings(settings))

    def send(self, job_id: str) -> None:
        """Say that a job waits.

        The job is already accepted: a hint that cannot be sent is sent later by the workers' own
        reconciler, and to tell the client of it would make them submit the job twice.
        """
        try:
            self._celery.send_task(
                TASK, args=[job_id], queue=QUEUE, task_id=job_id, ignore_result=True, retry=False
            )
        # kombu raises RuntimeError where its own reconnecting comes to an end.
        except (OperationalError, RuntimeError) as error:
            _log.warning("a job waits without a hint: %s", error)
