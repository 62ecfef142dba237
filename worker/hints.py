"""Hints: the Celery messages that make a worker claim a job."""

import logging

from celery import Celery
from kombu.exceptions import OperationalError

from config.names import QUEUE, TASK

_log = logging.getLogger(__name__)


class Hints:
    """Sends hints by way of `app`. One that cannot be sent is missed, and sent, by a later reconciliation."""

    def __init__(self, app: Celery) -> None:
        """Send nothing yet."""
        self._app = app

    def send(self, number: int = 1) -> None:
        """Say that there are so many jobs to run."""
        try:
            for _ in range(number):
                self._app.send_task(TASK, args=[""], queue=QUEUE, ignore_result=True, retry=False)
        # kombu raises RuntimeError where its own reconnecting comes to an end.
        except (OperationalError, RuntimeError) as error:
            _log.warning("could not say that there are jobs to run: %s", error)
