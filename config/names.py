"""The names that the API and the workers share."""

from typing import Final

DISTRIBUTION: Final = "python-executor"

#: The version of the service. The images have no metadata of the distribution to read it from.
VERSION: Final = "0.2.0"

#: The only Celery task. It is sent by name, because the API never imports the worker.
TASK: Final = "python_executor.run"
QUEUE: Final = "python-executor"

#: Stands for the id in a message that has not been sent. It has the form of an id, so Celery and kombu accept
#: it.
ID_PLACEHOLDER: Final = "0" * 32

#: The prefix of all Redis keys of the service.
PREFIX: Final = "pyx:"

#: The environment variable that tells prometheus-client the folder in which processes share their metrics.
METRICS_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
