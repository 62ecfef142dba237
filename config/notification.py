"""The Celery message that makes a worker look for jobs."""

from typing import Final

from celery import Celery
from kombu.utils.json import dumps

from config.celery import celery_settings
from config.names import DISTRIBUTION, MARK, QUEUE, TASK
from config.settings import Settings

#: kombu's own broker inside a process: what is sent to it can be taken out again.
_NOWHERE: Final = "memory://"


def hint(settings: Settings) -> str:
    """Return the message as kombu pushes it to Redis, with MARK in the place of its id.

    Celery and kombu make it, once: the script that changes a job pushes it where it is needed, so that no job
    waits for a moment without one, and none takes another way to Redis and back.
    """
    app = Celery(DISTRIBUTION, set_as_current=False)
    app.conf.update(celery_settings(settings), broker_url=_NOWHERE)
    with app.connection_for_write() as connection, connection.channel() as channel:
        app.send_task(TASK, args=[""], queue=QUEUE, task_id=MARK, ignore_result=True, connection=connection)
        message = channel._get(QUEUE)
    # Each message needs a tag of its own, by which kombu knows it from the others a worker holds.
    message["properties"]["delivery_tag"] = MARK
    return str(dumps(message))  # type: ignore[no-untyped-call]
