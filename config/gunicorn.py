"""Gunicorn's settings: `gunicorn --config config/gunicorn.py 'api.app:create()'`."""

import math
import os
import resource
import shutil
import signal
from pathlib import Path
from typing import Any

from config.credentials import load_credentials
from config.logging import configure_logging
from config.names import DISTRIBUTION, METRICS_FOLDER
from config.scratch import scratch_folder
from config.settings import load_settings

_settings = load_settings()
# Each process reads the keys itself; here a bad one stops the start before there are any.
load_credentials(_settings)
configure_logging(_settings)
_host = f"[{_settings.host}]" if ":" in _settings.host else _settings.host

# A connection is a descriptor, and one that waits for its job has another, to Redis.
_, _most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (_most, _most))

proc_name = DISTRIBUTION
bind = f"{_host}:{_settings.port}"
backlog = 1024
workers = _settings.api_processes
worker_class = "api.server.Worker"
worker_connections = _settings.api_connections
# The server sends no files with a system call of its own: all data goes through api.connection.
sendfile = False
# Seconds for a request to arrive, and seconds a connection may be idle.
keepalive = 30
# The longest a request waits, so that a stopping process answers those it has.
graceful_timeout = math.ceil(max(60.0, _settings.execute_wait or _settings.timeout_max + 10.0))
# The sign of life of each process is a file; on a disk it would wait for the disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
# No socket by which a running service can be changed.
control_socket_disable = True
logger_class = "api.server.Log"
loglevel = _settings.log_level
accesslog = None
errorlog = None


def on_starting(_server: Any) -> None:
    """Make the folder in which the processes share what they measure, empty."""
    os.environ[METRICS_FOLDER] = scratch_folder("pyx-metrics-")


def when_ready(server: Any) -> None:
    """Read the keys before a reload does: with bad ones no new process would start, and the old ones go."""
    reload: Any = signal.getsignal(signal.SIGHUP)

    def reload_if_good(*arguments: Any) -> None:
        try:
            load_credentials(load_settings())
        except SystemExit:
            # It has said why.
            server.log.error("the keys are not read again, those there were are kept")
        else:
            reload(*arguments)

    signal.signal(signal.SIGHUP, reload_if_good)


def on_exit(_server: Any) -> None:
    """Remove it."""
    shutil.rmtree(os.environ[METRICS_FOLDER], ignore_errors=True)


def worker_exit(_server: Any, worker: Any) -> None:
    """Close the process's connections."""
    # None where the process ended before it had loaded the application.
    if getattr(worker, "wsgi", None) is not None:
        worker.wsgi.extensions[DISTRIBUTION].close()
