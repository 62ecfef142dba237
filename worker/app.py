"""The Celery application of the worker: one task, one sandbox for each pool process."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_process_init, worker_process_shutdown
from redis import Redis

from config.celery import celery_settings
from config.names import DISTRIBUTION, TASK
from config.redis import connect
from config.settings import Settings
from records.workers import Worker
from sandbox.choice import Choice, Sandbox
from worker.executor import Executor
from worker.presence import presence_step


class _Process:
    """What one pool process holds, from its start to its end."""

    def __init__(self, redis: Redis, sandbox: Sandbox, executor: Executor) -> None:
        self.redis, self.sandbox, self.executor = redis, sandbox, executor


def create_app(settings: Settings, choice: Choice, worker: Worker) -> Celery:
    """Make the application whose task runs jobs in the sandbox of `choice`."""
    app = Celery(DISTRIBUTION)
    app.conf.update(celery_settings(settings), worker_hijack_root_logger=False)
    app.steps["consumer"].add(presence_step(connect(settings.redis_url), worker))
    process: list[_Process] = []

    # Made after Celery's fork: connections and jails must not be shared between processes.
    @worker_process_init.connect(weak=False)  # type: ignore[untyped-decorator]
    def start(**_: Any) -> None:
        # A signal to the worker's whole group (Ctrl-C, a process runner's stop) is for the worker:
        # it stops taking jobs, and this process finishes the one it has.
        os.setpgrp()
        redis, sandbox = connect(settings.redis_url), choice.make()
        process.append(_Process(redis, sandbox, Executor(redis, sandbox, settings.result_ttl)))

    @worker_process_shutdown.connect(weak=False)  # type: ignore[untyped-decorator]
    def stop(**_: Any) -> None:
        while process:
            held = process.pop()
            held.sandbox.close()
            held.redis.close()

    @app.task(name=TASK)  # type: ignore[untyped-decorator]
    def run(job_id: str) -> None:
        process[0].executor.execute(job_id)

    return app
