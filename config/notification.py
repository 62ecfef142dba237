"""The Celery message that notifies a worker: a job can run. It carries no job id."""

from typing import Final

from celery import Celery
from kombu.utils.json import dumps

from config.celery import celery_settings
from config.names import DISTRIBUTION, ID_PLACEHOLDER, QUEUE, TASK
from config.settings import Settings

#: kombu's broker in memory: a message sent to it can be taken out again.
_IN_MEMORY: Final = "memory://"


def notification(settings: Settings) -> str:
    """Return the message as kombu pushes it to Redis, with ID_PLACEHOLDER where its id belongs.

    Celery and kombu make it once. The Lua script that changes a job pushes it in the same step, so no job
    waits without a notification and none costs a second round trip to Redis.
    """
    app = Celery(DISTRIBUTION, set_as_current=False)
    app.conf.update(celery_settings(settings), broker_url=_IN_MEMORY)
    with app.connection_for_write() as connection, connection.channel() as channel:
        app.send_task(
            TASK, args=[""], queue=QUEUE, task_id=ID_PLACEHOLDER, ignore_result=True, connection=connection
        )
        message = channel._get(QUEUE)
    # kombu tells the messages of a worker apart by their delivery tag, so each needs its own.
    message["properties"]["delivery_tag"] = ID_PLACEHOLDER
    return str(dumps(message))  # type: ignore[no-untyped-call]
