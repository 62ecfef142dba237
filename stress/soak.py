"""Soak: minutes of steady load, in the second half of which nothing may grow."""

import sys
import threading
import time
from random import Random
from typing import Final

import click

from stress.growth import Growth
from stress.load import Load
from stress.sample import TOLERANCES, sample
from stress.service import running, unwinding
from stress.table import table

#: How many samples are taken, but for a trial so short that they would be closer than this, in seconds.
_SAMPLES: Final = 100
_CLOSEST: Final = 0.5

#: Seconds a record is kept, at the most: so long that there are some, and so short that as many go as come.
_KEPT: Final = 30


#: Seconds of load before the first sample: until then what is used for the first time takes its memory.
_WARM_UP: Final = 20.0


@click.command()
@click.option("--seconds", default=300.0, show_default=True, help="How long.")
@click.option("--rate", default=12.0, show_default=True, help="Clients a second.")
@click.option("--seed", default=1, show_default=True, help="Draws what the clients do.")
def main(seconds: float, rate: float, seed: int) -> None:
    """Put the service under steady load; exit 1 where something grows or a client is answered wrongly."""
    with unwinding():
        sys.exit(_trial(seconds, rate, seed))


def _trial(seconds: float, rate: float, seed: int) -> int:
    kept = max(1, min(_KEPT, int(seconds / 6)))
    with running(workers=1, durable=False, WORKERS="4", RESULT_TTL=str(kept)) as service:
        load, stop = Load(service.url, Random(seed)), threading.Event()
        clients = threading.Thread(target=load.run, args=(rate, stop))
        began = time.monotonic() + _WARM_UP
        clients.start()
        time.sleep(_WARM_UP)
        times: list[float] = []
        samples: list[dict[str, float]] = []
        try:
            while (elapsed := time.monotonic() - began) < seconds:
                for part in service.parts.values():
                    part.look_after()
                times.append(elapsed)
                samples.append(sample(service))
                time.sleep(max(_CLOSEST, seconds / _SAMPLES))
        finally:
            stop.set()
            clients.join()
        faults = [f"{one.name} ended by itself: {one.ended}" for one in service.parts.values() if one.ended]
        faults += [f"{name} did not stop" for name in service.stop()]
    judged = next(number for number, moment in enumerate(times) if moment >= seconds / 2)
    rows = []
    for name, tolerance in TOLERANCES.items():
        values = [one[name] for one in samples]
        growth = Growth.fit(times[judged:], values[judged:])
        grows = growth.beyond(tolerance)
        if grows:
            faults.append(f"{name} grew by {growth.by:.1f} from {growth.first:.1f}")
        held = (values[0], max(values), growth.first, growth.last, growth.by, growth.error)
        rows.append((name, *(f"{value:.1f}" for value in held), f"{tolerance:g}", "GROWS" if grows else ""))
    faults += load.faults[:10]
    head = ("what", "at first", "most", "half-way", "at last", "growth", "±", "tolerated", "")
    click.echo(table(head, rows))
    click.echo(f"clients   {dict(load.done)} in {seconds:g} s, {len(load.faults)} answered wrongly")
    for fault in faults:
        click.echo(f"FAULT: {fault}")
    click.echo("FAILED" if faults else "passed: nothing grows")
    return 1 if faults else 0


if __name__ == "__main__":
    main()
