"""The Celery message that notifies a worker that a job can run. It contains no job id."""

from typing import Final

from celery import Celery
from kombu.utils.json import dumps

from config.celery import celery_settings
from config.names import DISTRIBUTION, ID_PLACEHOLDER, QUEUE_PLACEHOLDER, TASK
from config.settings import Settings

#: The in-memory broker of kombu. A message that is sent to it can be read back.
_IN_MEMORY: Final = "memory://"


def notification(settings: Settings) -> str:
    """Return the message as kombu pushes it to Redis, with placeholders for its id and for its queue.

    Celery and kombu make the message once. A Lua script that makes a job ready to run pushes the message in
    the same step. So no job that can run waits without a notification, and none needs a second round trip.
    """
    app = Celery(DISTRIBUTION, set_as_current=False)
    app.conf.update(celery_settings(settings), broker_url=_IN_MEMORY)
    with app.connection_for_write() as connection, connection.channel() as channel:
        app.send_task(
            TASK,
            args=[""],
            queue=QUEUE_PLACEHOLDER,
            task_id=ID_PLACEHOLDER,
            ignore_result=True,
            connection=connection,
        )
        message = channel._get(QUEUE_PLACEHOLDER)
    # kombu identifies the messages of a worker by their delivery tag, so each message needs its own.
    message["properties"]["delivery_tag"] = ID_PLACEHOLDER
    return str(dumps(message))  # type: ignore[no-untyped-call]
