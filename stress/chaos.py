"""Submit jobs through the Python client while a worker, the API or Redis is killed every few seconds.

Every accepted job must end exactly once, with the correct answer, and every call must end by its bound.
"""

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random, SystemRandom
from typing import Final

import click

from harness.service import run_parts
from harness.signals import exit_on_sigterm
from stress.client import RetryingClient, TaskResult
from stress.final_state import FinalState
from stress.kills import Killer
from stress.tasks import Task
from stress.trial_report import TrialReport

#: How many clients submit jobs.
_CLIENTS: Final = 32

#: Seconds within which all jobs must end after the last submission.
_END_WITHIN: Final = 60.0


@click.command()
@click.option("--jobs", default=500, show_default=True, help="How many jobs.")
@click.option("--seconds", default=90.0, show_default=True, help="How long the clients submit jobs.")
@click.option("--seed", type=int, help="Determines the jobs and the kills; random by default.")
@click.option("--log", type=click.Path(path_type=Path), help="Where to copy the log of the service.")
def main(jobs: int, seconds: float, seed: int | None, log: Path | None) -> None:
    """Kill parts of the working service; exit 1 if a job is lost, doubled, stuck or wrong, or a call late."""
    seed = SystemRandom().randrange(10**6) if seed is None else seed
    click.echo(f"{jobs} jobs in {seconds:g} s; seed {seed}")
    with exit_on_sigterm():
        sys.exit(_run_trial(jobs, seconds, seed, log))


def _run_trial(jobs: int, seconds: float, seed: int, log: Path | None) -> int:
    random = Random(seed)
    results = [TaskResult(Task.draw(number, random)) for number in range(jobs)]
    due = sorted(random.uniform(0, seconds) for _ in results)
    stop = threading.Event()
    with run_parts(workers=2, durable=True, WORKERS="2", SHUTDOWN_GRACE="10") as service:
        client = RetryingClient(service.url, stop, seed)
        ended = threading.Event()
        killer = Killer(service, random, ended.wait)
        began = time.monotonic()

        def follow(result: TaskResult, due_in: float) -> None:
            stop.wait(max(0.0, began + due_in - time.monotonic()))
            client.follow(result)

        def run_clients() -> None:
            with ThreadPoolExecutor(_CLIENTS) as pool:
                for result, due_in in zip(results, due, strict=True):
                    pool.submit(follow, result, due_in)
            ended.set()

        clients = threading.Thread(target=run_clients)
        overdue = threading.Timer(seconds + _END_WITHIN, stop.set)
        began_at = time.time()
        overdue.start()
        clients.start()
        try:
            killer.run()
        finally:
            overdue.cancel()
            stop.set()
            # Calls in progress end, if the trial was interrupted.
            client.close()
            clients.join()
        service.wait_until_ready()
        took = time.time() - began_at
        state = FinalState.read(service.redis)
        faults = service.describe_unexpected_exits()
        faults += [f"{name} did not stop" for name in service.stop()]
        if log is not None:
            log.write_bytes(service.log.read_bytes())
    report = TrialReport(results, state, killer.kills, client.calls, began_at)
    faults = [*report.faults(), *faults]
    click.echo(report.format_text())
    click.echo(f"took      {took:.0f} s")
    for fault in faults:
        click.echo(f"FAULT: {fault}")
    click.echo("FAILED" if faults else "passed: no job lost, doubled, stuck or wrong, and no call late")
    return 1 if faults else 0


if __name__ == "__main__":
    main()
