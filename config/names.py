"""The names that the API and the workers share."""

from typing import Final

from jobs.environment import STDLIB

DISTRIBUTION: Final = "python-executor"

#: The version of the service. The images have no metadata of the distribution to read it from.
VERSION: Final = "0.2.0"

#: The only Celery task. It is sent by name, because the API never imports the worker.
TASK: Final = "python_executor.run"

#: The Celery queue of the environment `stdlib`.
QUEUE: Final = "python-executor"

#: Stands for the id in a message that has not been sent. It has the form of an id, so Celery and kombu accept
#: it.
ID_PLACEHOLDER: Final = "0" * 32

#: Stands for the Celery queue in a message that has not been sent.
QUEUE_PLACEHOLDER: Final = "queue of the environment"

#: The prefix of all Redis keys of the service.
PREFIX: Final = "pyx:"

#: The environment variable that tells prometheus-client the folder in which processes share their metrics.
METRICS_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"


def queue_of(environment: str) -> str:
    """Return the Celery queue that notifies the workers with an environment."""
    return QUEUE if environment == STDLIB else f"{QUEUE}:{environment}"
