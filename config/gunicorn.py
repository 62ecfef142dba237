"""Gunicorn's settings: `gunicorn --config config/gunicorn.py 'api.app:create()'`."""

import logging
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
# Each process reads the keys itself. Read here too, a bad key stops the start before there are processes.
load_credentials(_settings)
configure_logging(_settings)
_host = f"[{_settings.host}]" if ":" in _settings.host else _settings.host

# A connection is a descriptor. A request that waits for its job has a second one, to Redis. A process has a
# few more of its own, and pipes to a child process that checks a script.
_, _descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (_descriptors, _descriptors))
_connections = min(_settings.api_connections, (_descriptors - 64) // 2)
if _connections < _settings.api_connections:
    logging.getLogger(__name__).warning("%d descriptors allow %d connections", _descriptors, _connections)

proc_name = DISTRIBUTION
bind = f"{_host}:{_settings.port}"
backlog = 1024
workers = _settings.api_processes
worker_class = "api.server.Worker"
worker_connections = _connections
# The server sends no files with a system call of its own: all data goes through api.connection.
sendfile = False
# Seconds for a request to arrive, and seconds a connection may be idle.
keepalive = 30
# The longest a request waits: a stopping process answers the requests it has.
graceful_timeout = math.ceil(max(60.0, _settings.execute_wait or _settings.timeout_max + 10.0))
# Each process shows that it is alive by touching a file, which must not wait for a disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
# No socket for commands that change a running service.
control_socket_disable = True
logger_class = "api.server.Log"
loglevel = _settings.log_level
accesslog = None
errorlog = None


def on_starting(_server: Any) -> None:
    """Make an empty folder in which the processes share their metrics."""
    os.environ[METRICS_FOLDER] = scratch_folder("pyx-metrics-")


def when_ready(server: Any) -> None:
    """Check the keys before a reload: with bad ones no new process would start, and the old ones end."""
    reload: Any = signal.getsignal(signal.SIGHUP)

    def reload_if_good(*arguments: Any) -> None:
        try:
            load_credentials(load_settings())
        except SystemExit:
            # load_credentials has reported the reason.
            server.log.error("the keys are not read again, those there were are kept")
        else:
            reload(*arguments)

    signal.signal(signal.SIGHUP, reload_if_good)


def on_exit(_server: Any) -> None:
    """Remove the folder of the metrics."""
    shutil.rmtree(os.environ[METRICS_FOLDER], ignore_errors=True)


def worker_exit(_server: Any, worker: Any) -> None:
    """Close the process's connections."""
    # None where the process ended before it had loaded the application.
    if getattr(worker, "wsgi", None) is not None:
        worker.wsgi.extensions[DISTRIBUTION].close()
