"""Chaos: jobs go on being submitted while a worker, the API or Redis is killed every few seconds.

Every job that was accepted must end once, with the answer it must have.
"""

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random, SystemRandom
from typing import Final

import click

from stress.account import Account
from stress.client import Client, Report
from stress.kills import Killer
from stress.ledger import Ledger
from stress.service import running, unwinding
from stress.tasks import Task

#: How many clients there are.
_CLIENTS: Final = 32

#: Seconds all jobs may take to end after the last submission.
_END_WITHIN: Final = 60.0


@click.command()
@click.option("--jobs", default=500, show_default=True, help="How many jobs.")
@click.option("--seconds", default=90.0, show_default=True, help="How long they are submitted for.")
@click.option("--seed", type=int, help="Draws the jobs and the kills; by chance if not given.")
@click.option("--log", type=click.Path(path_type=Path), help="Where to keep what the service logged.")
def main(jobs: int, seconds: float, seed: int | None, log: Path | None) -> None:
    """Kill parts of the service while it works; exit 1 where a job is lost, doubled, stuck or wrong."""
    seed = SystemRandom().randrange(10**6) if seed is None else seed
    click.echo(f"{jobs} jobs in {seconds:g} s; seed {seed}")
    with unwinding():
        sys.exit(_trial(jobs, seconds, seed, log))


def _trial(jobs: int, seconds: float, seed: int, log: Path | None) -> int:
    random = Random(seed)
    reports = [Report(Task.draw(number, random)) for number in range(jobs)]
    due = sorted(random.uniform(0, seconds) for _ in reports)
    stop = threading.Event()
    with running(workers=2, durable=True, WORKERS="2", SHUTDOWN_GRACE="10") as service:
        client = Client(service.url, stop, seed)
        ended = threading.Event()
        killer = Killer(service, random, ended.wait)
        began = time.monotonic()

        def follow(report: Report, due_in: float) -> None:
            stop.wait(max(0.0, began + due_in - time.monotonic()))
            client.follow(report)

        def watch() -> None:
            with ThreadPoolExecutor(_CLIENTS) as pool:
                for report, due_in in zip(reports, due, strict=True):
                    pool.submit(follow, report, due_in)
            ended.set()

        watcher = threading.Thread(target=watch)
        overdue = threading.Timer(seconds + _END_WITHIN, stop.set)
        began_at = time.time()
        overdue.start()
        watcher.start()
        try:
            killer.run()
        finally:
            overdue.cancel()
            stop.set()
            watcher.join()
            client.close()
        service.wait_until_ready()
        took = time.time() - began_at
        ledger = Ledger.read(service.redis)
        broken = [
            f"{part.name} ended by itself: {part.ended}" for part in service.parts.values() if part.ended
        ]
        broken += [f"{name} did not stop" for name in service.stop()]
        if log is not None:
            log.write_bytes(service.log.read_bytes())
    account = Account(reports, ledger, killer.kills, client.answers, began_at)
    wrong = [*account.faults(), *broken]
    click.echo(account.text())
    click.echo(f"took      {took:.0f} s")
    for fault in wrong:
        click.echo(f"FAULT: {fault}")
    click.echo("FAILED" if wrong else "passed: no job lost, doubled, stuck or wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    main()
