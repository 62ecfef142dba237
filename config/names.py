"""The names the two sides of the queue share."""

from typing import Final

DISTRIBUTION: Final = "python-executor"

#: Celery: the one task, sent by name because the API never imports the worker.
TASK: Final = "python_executor.run"
QUEUE: Final = "python-executor"

#: Stands in a message where its id belongs, until it is sent. It looks like an id, so libraries pass it on as
#: one.
ID_PLACEHOLDER: Final = "0" * 32

#: The prefix of every Redis key of the service.
PREFIX: Final = "pyx:"

#: The environment variable of prometheus-client with the folder in which processes share measurements.
METRICS_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
