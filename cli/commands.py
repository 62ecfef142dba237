"""The commands that start the other rooms as processes of their own."""

import sys
from typing import Final

_PYTHON: Final = (sys.executable, "-P", "-m")

API: Final = (*_PYTHON, "gunicorn", "-c", "python:config.gunicorn", "api.app:create()")
WORKER: Final = (*_PYTHON, "worker")
RUN: Final = (*_PYTHON, "cli.run")
ANNOUNCE: Final = (*_PYTHON, "cli.announce")
EMBEDDED: Final = (*_PYTHON, "cli.embedded")
