"""The Celery application of the worker: one task, and one sandbox for each pool process."""

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from celery import Celery
from celery.signals import worker_process_init, worker_process_shutdown

from config.celery import celery_settings
from config.names import DISTRIBUTION, TASK
from config.settings import Settings
from jobs.environment import Environment
from sandbox.factory import SandboxFactory
from sandbox.protocol import Sandbox
from store.job_store import JobStore
from store.worker import Worker
from worker.environment_checks import EnvironmentChecks
from worker.executor import WAIT, Executor
from worker.pool_process import die_with, end_promptly, ending_with
from worker.reconciler import reconciler_step
from worker.registration import registration_step
from worker.shutdown import follow_signals, shutdown_step
from worker.shutdown_state import ShutdownState
from worker.start_up import start_up_step

_log = logging.getLogger(__name__)

#: Celery kills a pool process that replaces another and is not ready after so many seconds.
_READY_WITHIN: Final = 600.0


def create_app(
    settings: Settings,
    factory: SandboxFactory,
    worker: Worker,
    checks: EnvironmentChecks,
    offer: Callable[[Mapping[str, str]], Sequence[Environment]],
) -> Celery:
    """Make the application whose task runs jobs in the sandboxes of `factory`.

    Args:
        settings: The settings.
        factory: Makes the sandbox of each pool process.
        worker: The worker, without its environments.
        checks: The checks of the environments.
        offer: Takes the fault of each broken environment, and returns the environments to announce.
    """
    app = Celery(DISTRIBUTION)
    app.conf.update(
        celery_settings(settings),
        worker_hijack_root_logger=False,
        worker_proc_alive_timeout=_READY_WITHIN,
    )
    shutdown, parent = ShutdownState(), os.getpid()
    # redis-py gives each forked process connections of its own.
    store = JobStore.from_settings(settings, block=WAIT)
    environments: list[Environment] = []

    def interrupt_waits() -> None:
        store.interrupt_waits(worker.id, settings.workers)

    app.steps["worker"].add(
        start_up_step(
            checks,
            shutdown,
            follow_signals=partial(follow_signals, shutdown, settings.shutdown_grace),
            on_checked=lambda faults: environments.extend(offer(faults)),
        )
    )
    for step in (
        registration_step(store, worker, environments),
        reconciler_step(store),
        shutdown_step(shutdown, settings.shutdown_grace, interrupt_waits),
    ):
        app.steps["consumer"].add(step)
    # What each pool process has of its own.
    own: list[tuple[Sandbox, Executor]] = []

    # After Celery's fork: processes must not share threads and jails.
    @worker_process_init.connect(weak=False)  # type: ignore[untyped-decorator]
    def start(**_: Any) -> None:
        die_with(parent)
        end_promptly()
        # A signal to the worker's process group (Ctrl-C, a supervisor's stop) must reach the worker alone.
        # The worker then claims no more jobs, and this process finishes its job.
        os.setpgrp()
        try:
            sandbox = factory.create()
            with ending_with(shutdown):
                checks.run(sandbox)
            executor = Executor(store, worker_id=worker.id, sandbox=sandbox, shutdown=shutdown)
        except Exception:  # noqa: BLE001 -- Celery would log it and go on with a process that cannot run jobs
            _log.exception("a pool process could not start")
            os._exit(1)
        own.append((sandbox, executor))

    @worker_process_shutdown.connect(weak=False)  # type: ignore[untyped-decorator]
    def stop(**_: Any) -> None:
        while own:
            own.pop()[1].close()

    @app.task(name=TASK)  # type: ignore[untyped-decorator]
    def run(_: str) -> None:
        sandbox, executor = own[0]
        checks.drop_broken(sandbox)
        store.serve(checks.working)
        executor.execute()

    return app
