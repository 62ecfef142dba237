"""Gunicorn's settings: `gunicorn --config config/gunicorn.py 'api.app:create()'`."""

import gc
import logging
import math
import os
import resource
import shutil
import signal
from pathlib import Path
from typing import Any, Final

from config.allocator import keep_freed_memory
from config.api_connections import connections_max
from config.credentials import load_credentials
from config.logging import configure_logging
from config.names import DISTRIBUTION, METRICS_FOLDER
from config.scratch import scratch_folder
from config.settings import load_settings

#: How many more objects there must be before Python searches the new ones for garbage. By default it searches
#: about once for each request, but an ordinary request leaves no garbage that needs it.
_GC_THRESHOLD: Final = 5000

_settings = load_settings()
# Each process reads the keys itself. The master reads them too, so that an invalid key stops it at once.
load_credentials(_settings)
configure_logging(_settings)
_host = f"[{_settings.host}]" if ":" in _settings.host else _settings.host

_, _descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (_descriptors, _descriptors))
_connections = connections_max(_settings)
if _connections < _settings.api_connections:
    logging.getLogger(__name__).warning("%d descriptors allow %d connections", _descriptors, _connections)

proc_name = DISTRIBUTION
bind = f"{_host}:{_settings.port}"
backlog = 1024
workers = _settings.api_processes
worker_class = "api.server.Worker"
worker_connections = _connections
# No header of a request sets its path, its scheme or the address of the client. gunicorn would believe any
# client on this machine, so also a client behind a proxy here.
forwarded_allow_ips = ""
forwarder_headers = ""
# Without the system call sendfile, all data goes through api.connection, which bounds it.
sendfile = False
# Seconds for a request to arrive, and seconds a connection may be idle.
keepalive = 30
# The longest wait of a request, because a stopping process answers its open requests first.
graceful_timeout = math.ceil(max(60.0, _settings.execute_wait or _settings.timeout_max + 10.0))
# Each process touches a file here to show that it is alive. In memory the call never waits for a disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
# gunicorn's control socket would accept commands that change the running service.
control_socket_disable = True
logger_class = "api.server.Log"
loglevel = _settings.log_level
accesslog = None
errorlog = None


def on_starting(_server: Any) -> None:
    """Make an empty folder where the processes share their metrics."""
    os.environ[METRICS_FOLDER] = scratch_folder("pyx-metrics-")


def when_ready(server: Any) -> None:
    """Check the keys before each reload: with invalid keys the old processes end and no new one starts."""
    reload: Any = signal.getsignal(signal.SIGHUP)

    def reload_if_good(*arguments: Any) -> None:
        try:
            load_credentials(load_settings())
        except SystemExit:
            # load_credentials has reported the reason.
            server.log.error("the API keys were not read again; the API keeps its present keys")
        else:
            reload(*arguments)

    signal.signal(signal.SIGHUP, reload_if_good)


def on_exit(_server: Any) -> None:
    """Remove the folder of the metrics."""
    shutil.rmtree(os.environ[METRICS_FOLDER], ignore_errors=True)


def post_fork(_server: Any, _worker: Any) -> None:
    """Prepare a new process."""
    keep_freed_memory()


def post_worker_init(_worker: Any) -> None:
    """Search for garbage less often, and never among the objects of the application."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GC_THRESHOLD, 10, 10)


def child_exit(_server: Any, worker: Any) -> None:
    """Forget the open streams of a process that has ended, also if it was killed."""
    # prometheus_client.multiprocess.mark_process_dead does the same. But the master must not import it: its
    # locks must be gevent's.
    for file in Path(os.environ[METRICS_FOLDER]).glob(f"gauge_live*_{worker.pid}.db"):
        file.unlink()


def worker_exit(_server: Any, worker: Any) -> None:
    """Close the process's connections."""
    # The attribute is None if the process ended before it had loaded the application.
    if getattr(worker, "wsgi", None) is not None:
        worker.wsgi.extensions[DISTRIBUTION].close()
