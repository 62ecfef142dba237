"""The commands that start the other rooms as processes of their own."""

import sys
from typing import Final

_PYTHON: Final = (sys.executable, "-P", "-m")

API: Final = (*_PYTHON, "gunicorn", "-c", "python:config.gunicorn", "api.app:create()")
WORKER: Final = (*_PYTHON, "worker")

#: Followed by the host, the port, and KEYS or OPEN: whether requests need an API key.
RUN: Final = (*_PYTHON, "cli.run")
KEYS: Final = "keys"
OPEN: Final = "open"
