"""The command lines of the processes that `python-executor` starts."""

import sys
from typing import Final

_PYTHON: Final = (sys.executable, "-P", "-m")

API: Final = (*_PYTHON, "gunicorn", "-c", "python:config.gunicorn", "api.app:create()")
WORKER: Final = (*_PYTHON, "worker")
RUN: Final = (*_PYTHON, "cli.run")
BANNER: Final = (*_PYTHON, "cli.banner")
EMBEDDED_SERVER: Final = (*_PYTHON, "cli.embedded_server")
DOCTOR: Final = (*_PYTHON, "doctor")
ENVIRONMENT: Final = (*_PYTHON, "environments")
