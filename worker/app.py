"""The Celery application of the worker: one task, one sandbox for each pool process."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_process_init, worker_process_shutdown

from config.celery import celery_settings
from config.names import DISTRIBUTION, TASK
from config.notification import hint
from config.redis import connect
from config.settings import Settings
from sandbox.factory import SandboxFactory
from store.linger import call_off
from store.reconcile import Reconcile
from store.workers import Worker
from worker.executor import Executor
from worker.pool_process import die_with, end_promptly
from worker.reconciler import reconciler_step
from worker.registration import registration_step
from worker.shutdown import shutdown_step
from worker.shutdown_state import ShutdownState


def create_app(settings: Settings, factory: SandboxFactory, worker: Worker) -> Celery:
    """Make the application whose task runs jobs in the sandbox of `factory`."""
    app = Celery(DISTRIBUTION)
    app.conf.update(celery_settings(settings), worker_hijack_root_logger=False)
    stage, message, parent = ShutdownState(), hint(settings), os.getpid()
    redis = connect(settings.redis_url)
    reconcile = Reconcile(redis, ttl=settings.result_ttl, hint=message, running_max=settings.key_running_max)
    for step in (
        registration_step(redis, worker),
        reconciler_step(reconcile),
        shutdown_step(stage, settings.shutdown_grace, lambda: call_off(redis, worker.id, settings.workers)),
    ):
        app.steps["consumer"].add(step)
    executors: list[Executor] = []

    # Made after Celery's fork: connections, threads and jails must not be shared between processes.
    @worker_process_init.connect(weak=False)  # type: ignore[untyped-decorator]
    def start(**_: Any) -> None:
        die_with(parent)
        end_promptly()
        # A signal to the worker's whole group (Ctrl-C, a process runner's stop) is for the worker:
        # it stops taking jobs, and this process finishes the one it has.
        os.setpgrp()
        executors.append(
            Executor(settings, worker=worker.id, sandbox=factory.create(), stage=stage, hint=message)
        )

    @worker_process_shutdown.connect(weak=False)  # type: ignore[untyped-decorator]
    def stop(**_: Any) -> None:
        while executors:
            executors.pop().close()

    @app.task(name=TASK)  # type: ignore[untyped-decorator]
    def run(_: str) -> None:
        executors[0].execute()

    return app
