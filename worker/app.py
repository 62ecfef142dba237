"""The Celery application of the worker: one task, and one sandbox for each pool process."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_process_init, worker_process_shutdown

from config.celery import celery_settings
from config.names import DISTRIBUTION, TASK
from config.settings import Settings
from sandbox.factory import SandboxFactory
from store.job_store import JobStore
from store.worker import Worker
from worker.executor import WAIT, Executor
from worker.pool_process import die_with, end_promptly
from worker.reconciler import reconciler_step
from worker.registration import registration_step
from worker.shutdown import shutdown_step
from worker.shutdown_state import ShutdownState


def create_app(settings: Settings, factory: SandboxFactory, worker: Worker) -> Celery:
    """Make the application whose task runs jobs in the sandboxes of `factory`."""
    app = Celery(DISTRIBUTION)
    app.conf.update(celery_settings(settings), worker_hijack_root_logger=False)
    shutdown, parent = ShutdownState(), os.getpid()
    # redis-py gives each forked process connections of its own.
    store = JobStore.from_settings(settings, block=WAIT)

    def interrupt_waits() -> None:
        store.interrupt_waits(worker.id, settings.workers)

    for step in (
        registration_step(store, worker),
        reconciler_step(store),
        shutdown_step(shutdown, settings.shutdown_grace, interrupt_waits),
    ):
        app.steps["consumer"].add(step)
    executors: list[Executor] = []

    # After Celery's fork: processes must not share threads and jails.
    @worker_process_init.connect(weak=False)  # type: ignore[untyped-decorator]
    def start(**_: Any) -> None:
        die_with(parent)
        end_promptly()
        # A signal to the worker's process group (Ctrl-C, a supervisor's stop) must reach the worker alone.
        # The worker then claims no more jobs, and this process finishes its job.
        os.setpgrp()
        executors.append(Executor(store, worker_id=worker.id, sandbox=factory.create(), shutdown=shutdown))

    @worker_process_shutdown.connect(weak=False)  # type: ignore[untyped-decorator]
    def stop(**_: Any) -> None:
        while executors:
            executors.pop().close()

    @app.task(name=TASK)  # type: ignore[untyped-decorator]
    def run(_: str) -> None:
        executors[0].execute()

    return app
