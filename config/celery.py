"""The Celery configuration that the API and the workers share."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from config.names import PREFIX, QUEUE
from config.redis import ANSWER_TIMEOUT, CONNECT_TIMEOUT
from config.settings import Settings


def celery_settings(settings: Settings) -> dict[str, Any]:
    """Return the values for `Celery.conf`.

    A message only notifies a worker; the state of every job is in its record in Redis. The broker may
    therefore lose a message: messages are acknowledged early and not redelivered, and there is no result
    backend.
    """
    return {
        "broker_url": broker_url(settings.redis_url),
        "broker_transport_options": {
            "global_keyprefix": PREFIX,
            "socket_connect_timeout": CONNECT_TIMEOUT,
            "socket_timeout": ANSWER_TIMEOUT,
            # A caller tries to connect once. A worker's consumer loop tries again.
            "max_retries": 0,
            # kombu would send eight more commands for each message, to keep a copy until it is acknowledged.
            # The reconciler replaces a lost message much sooner than kombu would restore it.
            "ack_emulation": False,
            # One list is enough: the job store decides which job is next. kombu's default is four lists, one
            # for each priority.
            "priority_steps": [0],
        },
        # Workers receive no remote commands, so they need no connection that listens for them.
        "worker_enable_remote_control": False,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        # A full Redis refuses even acknowledgements; that must not end a worker.
        "broker_channel_error_retry": True,
        "accept_content": ["json"],
        "task_serializer": "json",
        "task_default_queue": QUEUE,
        "task_create_missing_queues": True,
        "task_publish_retry": False,
        "task_ignore_result": True,
        "task_acks_late": False,
        # A prefetched message would wait at a busy worker while another worker is idle.
        "worker_prefetch_multiplier": 1,
        "worker_disable_prefetch": True,
    }


def broker_url(redis_url: str) -> str:
    """Return `redis_url` in kombu's form: `unix:///s?db=1` becomes `redis+socket:///s?virtual_host=1`."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    database = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.netloc}{parts.path}?virtual_host={database}"
