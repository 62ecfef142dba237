"""Load the service with one hostile key beside one honest key.

The honest key sends a small job at a steady pace and measures how long it takes, first alone and then beside
an attack. Every honest job must succeed, and the hostile key must get no 5xx. The trial also reports how
much slower the honest key becomes. That depends on the machine and decides nothing.
"""

import json
import math
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import click

from config.credentials import new_key
from harness.client import Client, authorize
from harness.service import run_parts
from harness.signals import exit_on_sigterm
from harness.table import format_table
from stress.attacks import ATTACKS

#: The name of all attacks at the same time.
_TOGETHER: Final = "together"

#: Jobs that the honest key sends before it measures.
_WARM_UP: Final = 10

#: Seconds for which an attack goes on before the honest key measures.
_HEAD_START: Final = 1.0

#: `maxmemory` of Redis, as in Compose.
_REDIS_MEMORY: Final = "256mb"

#: The target: the 95th percentile of the honest key at most doubles.
_TARGET: Final = 2.0

_HEAD: Final = ("attack", "p50 alone", "p50 beside", "p95 alone", "p95 beside", "times", "hostile answers")

#: The statuses that a hostile client may get. 0 is a connection that the service closed.
_FAIR_ANSWERS: Final = frozenset({0, 200, 202, 400, 408, 413, 422, 429})


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that this share of the values does not exceed; infinity if there are none."""
    ordered = sorted(values) or [math.inf]
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass
class Measurement:
    """The effect of an attack on the honest key.

    Attributes:
        alone: The milliseconds of each honest job before the attack.
        beside: The milliseconds of each honest job during the attack.
        answers: The hostile key's answers by status.
        faults: A line for each answer that a key must not get.
    """

    alone: list[float] = field(default_factory=list)
    beside: list[float] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    @property
    def slowdown(self) -> float:
        """By how much the attack multiplied the 95th percentile."""
        return percentile(self.beside, 0.95) / percentile(self.alone, 0.95)

    def row(self, name: str) -> tuple[str, ...]:
        """Return the row of the table."""
        times = [percentile(values, share) for share in (0.5, 0.95) for values in (self.alone, self.beside)]
        answers = " ".join(f"{status}:{number}" for status, number in sorted(self.answers.items()))
        return name, *(f"{time:.1f}" for time in times), f"{self.slowdown:.1f}", answers or "-"


@click.command()
@click.option("--seconds", default=10.0, show_default=True, help="How long each attack goes on.")
@click.option("--rate", default=10.0, show_default=True, help="Honest jobs per second, at most.")
@click.option("--workers", default=2, show_default=True, help="Jobs that the worker runs at once.")
@click.option("--running", default=1, show_default=True, help="KEY_RUNNING_MAX of the service.")
@click.argument("attacks", nargs=-1, type=click.Choice([*ATTACKS, _TOGETHER]))
def main(seconds: float, rate: float, workers: int, running: int, attacks: Sequence[str]) -> None:
    """Measure an honest key beside hostile ATTACKS (default: each, then all together); exit 1 for a fault."""
    settings = {"WORKERS": str(workers), "KEY_RUNNING_MAX": str(running), "SHUTDOWN_GRACE": "1"}
    with exit_on_sigterm():
        sys.exit(_run_trial(attacks or (*ATTACKS, _TOGETHER), seconds, rate, settings))


def _run_trial(attacks: Sequence[str], seconds: float, rate: float, settings: dict[str, str]) -> int:
    rows, faults, slow = [], [], []
    for name in attacks:
        click.echo(f"measuring {name}", err=True)
        measured = _measure(list(ATTACKS) if name == _TOGETHER else [name], seconds, rate, settings)
        rows.append(measured.row(name))
        faults += [f"{name}: {fault}" for fault in measured.faults]
        if measured.slowdown > _TARGET:
            slow.append(name)
    click.echo(format_table(_HEAD, rows))
    click.echo(f"milliseconds of honest jobs; p95 more than doubled beside: {', '.join(slow) or 'none'}")
    for fault in faults:
        click.echo(f"FAULT: {fault}")
    click.echo("FAILED" if faults else "passed: every honest job succeeded")
    return 1 if faults else 0


def _measure(attacks: list[str], seconds: float, rate: float, settings: dict[str, str]) -> Measurement:
    """Start a service, and measure the honest key before and during the attacks."""
    (hostile, hostile_entry), (honest, honest_entry) = new_key("hostile"), new_key("honest")
    measured = Measurement()
    keys = f"{hostile_entry},{honest_entry}"
    with run_parts(workers=1, durable=False, API_KEYS=keys, **settings) as service:
        service.redis.config_set("maxmemory", _REDIS_MEMORY)
        client = Client(service.url)

        def send(seconds: float) -> list[float]:
            return _send_honest_jobs(client, honest, rate, seconds, measured.faults)

        send(_WARM_UP / rate)
        measured.alone = send(seconds)
        with _attacking(attacks, service.port, hostile, seconds + _HEAD_START, measured):
            time.sleep(_HEAD_START)
            measured.beside = send(seconds)
        client.close()
        measured.faults += service.describe_unexpected_exits()
    return measured


def _send_honest_jobs(
    client: Client, key: str, rate: float, seconds: float, faults: list[str]
) -> list[float]:
    """Send jobs one after the other; return the milliseconds of each."""
    times: list[float] = []
    began = time.monotonic()
    for number in range(int(seconds * rate)):
        time.sleep(max(0.0, began + number / rate - time.monotonic()))
        sent_at = time.monotonic()
        if sent_at > began + seconds:
            break
        # Each script is new, so that each is checked.
        script = f"def main(n):\n    return {{'n': n}}\n# {sent_at}"
        body = {"script": script, "inputs": {"n": number}}
        try:
            answer = client.ask("POST", "/execute", body, authorize(key))
        except OSError as error:
            faults.append(f"an honest job has no answer: {error!r}")
            break
        times.append(1000 * (time.monotonic() - sent_at))
        if answer.status != 200 or answer.json()["result"] != {"n": number}:
            faults.append(f"an honest job was answered {answer.text.strip()}")
    return times


@contextmanager
def _attacking(
    attacks: list[str], port: int, key: str, seconds: float, measured: Measurement
) -> Iterator[None]:
    """Run the attacks in a process of their own, and add its answers to the measurement."""
    command = [sys.executable, "-m", "stress.attacks"]
    task = json.dumps({"names": attacks, "port": port, "key": key, "seconds": seconds})
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdin
            assert process.stdout
            process.stdin.write(task)
            process.stdin.close()
            yield
            answers, server_errors = json.loads(process.stdout.read())
        finally:
            process.kill()
    measured.answers.update(dict(answers))
    measured.faults += [f"the hostile key was answered {text}" for text in server_errors]
    unfair = sorted(measured.answers.keys() - _FAIR_ANSWERS)
    if unfair:
        measured.faults.append(f"the hostile key was answered {unfair}")


if __name__ == "__main__":
    main()
