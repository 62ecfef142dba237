"""The names the two sides of the queue share."""

from typing import Final

DISTRIBUTION: Final = "python-executor"

#: Celery: the one task, sent by name because the API never imports the worker.
TASK: Final = "python_executor.run"
QUEUE: Final = "python-executor"

#: Redis: every key of ours starts with this.
PREFIX: Final = "pyx:"
