"""Put the service under steady load for minutes. In the second half nothing may grow."""

import sys
import threading
import time
from random import Random
from typing import Final

import click

from harness.service import Service, run_parts
from harness.signals import exit_on_sigterm
from harness.table import format_table
from stress.growth import Growth
from stress.load import Load
from stress.samples import TOLERANCES, take_sample

#: The number of samples, and the shortest pause between two samples in seconds. Short soaks take fewer.
_SAMPLES: Final = 100
_SHORTEST_PAUSE: Final = 0.5

#: The longest time in seconds for which a record is kept. It is short, so that as many records expire as are
#: created.
_LONGEST_TTL: Final = 30

#: Seconds of load before the first sample, in which everything allocates its memory for the first time.
_WARM_UP: Final = 20.0

_HEAD: Final = ("resource", "at first", "most", "half-way", "at last", "growth", "±", "tolerated", "")


@click.command()
@click.option("--seconds", default=300.0, show_default=True, help="How long.")
@click.option("--rate", default=12.0, show_default=True, help="Clients per second.")
@click.option("--seed", default=1, show_default=True, help="Determines what the clients do.")
def main(seconds: float, rate: float, seed: int) -> None:
    """Put the service under steady load; exit 1 if something grows or a client gets a wrong answer."""
    with exit_on_sigterm():
        sys.exit(_run_trial(seconds, rate, seed))


def _run_trial(seconds: float, rate: float, seed: int) -> int:
    ttl = max(1, min(_LONGEST_TTL, int(seconds / 6)))
    with run_parts(workers=1, durable=False, WORKERS="4", RESULT_TTL=str(ttl)) as service:
        load, stop = Load(service.port, Random(seed)), threading.Event()
        clients = threading.Thread(target=load.run, args=(rate, stop))
        clients.start()
        try:
            time.sleep(_WARM_UP)
            times, samples = _take_samples(service, seconds)
        finally:
            stop.set()
            clients.join()
        faults = service.describe_unexpected_exits()
        faults += [f"{name} did not stop" for name in service.stop()]
    middle = next(number for number, moment in enumerate(times) if moment >= seconds / 2)
    rows = []
    for name, tolerance in TOLERANCES.items():
        values = [sample[name] for sample in samples]
        growth = Growth.fit(times[middle:], values[middle:])
        grows = growth.exceeds(tolerance)
        if grows:
            faults.append(f"{name} grew by {growth.by:.1f} from {growth.first:.1f}")
        shown = (values[0], max(values), growth.first, growth.last, growth.by, growth.error)
        rows.append((name, *(f"{value:.1f}" for value in shown), f"{tolerance:g}", "GROWS" if grows else ""))
    faults += load.faults[:10]
    click.echo(format_table(_HEAD, rows))
    click.echo(f"clients   {dict(load.done)} in {seconds:g} s, {len(load.faults)} answered wrongly")
    for fault in faults:
        click.echo(f"FAULT: {fault}")
    click.echo("FAILED" if faults else "passed: nothing grows")
    return 1 if faults else 0


def _take_samples(service: Service, seconds: float) -> tuple[list[float], list[dict[str, float]]]:
    """Return the seconds since the start of each sample, and the samples."""
    times: list[float] = []
    samples: list[dict[str, float]] = []
    began = time.monotonic()
    while (elapsed := time.monotonic() - began) < seconds:
        for process in service.processes.values():
            process.restart_if_ended()
        times.append(elapsed)
        samples.append(take_sample(service))
        time.sleep(max(_SHORTEST_PAUSE, seconds / _SAMPLES))
    return times, samples


if __name__ == "__main__":
    main()
