"""Celery's settings, the same for the side that sends and the side that runs."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from config.names import PREFIX, QUEUE
from config.redis import ANSWER_TIMEOUT, CONNECT_TIMEOUT
from config.settings import Settings


def celery_settings(settings: Settings) -> dict[str, Any]:
    """Return what `Celery.conf` is updated with.

    A message is only a hint, the record in Redis is the truth. Hence early acknowledgement, no
    result backend and no redelivery by the broker.
    """
    return {
        "broker_url": broker_url(settings.redis_url),
        "broker_transport_options": {
            "global_keyprefix": PREFIX,
            "socket_connect_timeout": CONNECT_TIMEOUT,
            "socket_timeout": ANSWER_TIMEOUT,
            # A connection is tried once by whoever needs it; a worker's own loop tries again.
            "max_retries": 0,
            # Eight commands a message would keep a copy of it until it is acknowledged, against its loss.
            # A lost one is sent again by the reconciler, and much sooner.
            "ack_emulation": False,
            # kombu would wait at a list for each of four priorities; which job goes first, the records say.
            "priority_steps": [0],
        },
        # Nobody commands a worker past the records; without it there is nothing to listen for either.
        "worker_enable_remote_control": False,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        # A Redis that is full refuses even acknowledgements; that must not end a worker.
        "broker_channel_error_retry": True,
        "accept_content": ["json"],
        "task_serializer": "json",
        "task_default_queue": QUEUE,
        "task_create_missing_queues": True,
        "task_publish_retry": False,
        "task_ignore_result": True,
        "task_acks_late": False,
        # A message taken early would wait with a worker that is busy while another is idle.
        "worker_prefetch_multiplier": 1,
        "worker_disable_prefetch": True,
    }


def broker_url(redis_url: str) -> str:
    """Return `redis_url` as kombu spells it: `unix:///s?db=1` is `redis+socket:///s?virtual_host=1`."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    database = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.netloc}{parts.path}?virtual_host={database}"
