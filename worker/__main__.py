"""Start a worker: read the settings, open the environments and the sandbox, then take jobs until a signal."""

import gc
import logging
import platform
import secrets
import signal
import socket
import sys
import time
import warnings
from functools import partial

from celery import Celery
from celery.exceptions import SecurityWarning

from config.logging import configure_logging
from config.names import VERSION
from config.settings import Settings, exit_with, load_settings
from environments.installed import installed
from sandbox.errors import SandboxFailure
from sandbox.factory import JailOptions, open_sandbox
from sandbox.isolation import Isolation
from selftest import startup
from store.worker import Worker
from worker.app import create_app
from worker.environment_checks import EnvironmentChecks
from worker.environments import candidates, offered


def main() -> int:
    """Run a worker; return its exit status."""
    settings = load_settings()
    # Until Celery handles SIGTERM, the signal must unwind the stack, so that the sandbox is closed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    configure_logging(settings)
    isolation = Isolation(settings.isolation)
    found = installed(settings.environments, settings.preload)
    try:
        sandbox = open_sandbox(
            settings.sandbox,
            verify=startup.verify,
            state_dir=settings.state_dir,
            jails=JailOptions(
                nsjail=settings.nsjail,
                isolation=isolation,
                cpus=settings.job_cpus,
                slot_jobs=settings.slot_jobs,
                environments=tuple(one.packages for one in found),
            ),
        )
        with sandbox as factory:
            worker = Worker(
                f"{socket.gethostname()}-{secrets.token_hex(4)}",
                factory.kind,
                factory.detail,
                version=VERSION,
                python=platform.python_version(),
                jobs_at_once=settings.workers,
                started_ms=round(time.time() * 1000),
            )
            checks = EnvironmentChecks(factory.environments, startup.verify)
            known = candidates(found, factory.kind, isolation)
            offer = partial(offered, known, isolation=isolation)
            return _consume(create_app(settings, factory, worker, checks, offer), settings, worker)
    except SandboxFailure as failure:
        exit_with(str(failure))


def _consume(app: Celery, settings: Settings, worker: Worker) -> int:
    # Celery warns about root because unpickling a message can run code. This worker accepts JSON only.
    warnings.simplefilter("ignore", SecurityWarning)
    if settings.log_level == "info":
        # Celery logs two lines for each message. The executor logs one line for each job, which is enough.
        for name in ("celery.worker.strategy", "celery.app.trace"):
            logging.getLogger(name).setLevel(logging.WARNING)
    process = app.Worker(
        hostname=worker.id,
        concurrency=settings.workers,
        pool="prefork",
        optimization="fair",
        loglevel=settings.log_level.upper(),
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    # Objects that exist now live as long as the process. Freezing them keeps the collector from writing to
    # their memory pages, which would copy the pages in every pool process.
    gc.collect()
    gc.freeze()
    process.start()
    return int(process.exitcode or 0)


if __name__ == "__main__":
    sys.exit(main())
