"""The names the two sides of the queue share."""

from typing import Final

DISTRIBUTION: Final = "python-executor"

#: Celery: the one task, sent by name because the API never imports the worker.
TASK: Final = "python_executor.run"
QUEUE: Final = "python-executor"

#: What a message has in the place of its id until it is sent: looks like one, so that it is passed on as one.
MARK: Final = "0" * 32

#: Redis: every key of ours starts with this.
PREFIX: Final = "pyx:"

#: prometheus-client: the environment variable with the folder in which processes share measurements.
METRICS_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
