"""Bursts of many jobs at once, among bursts of bare starts, in rounds."""

import random
from collections.abc import Mapping
from dataclasses import dataclass

from bench import load
from bench.plan import Plan
from bench.scripts import TRIVIAL, body
from bench.service import Service
from bench.starts import Starts, per_second
from sandbox.isolation import Isolation


@dataclass(frozen=True, slots=True)
class Bursts:
    """bare: starts per second, each round's. loads: by isolation and concurrency, each round's."""

    bare: list[float]
    loads: dict[Isolation, dict[int, list[load.Load]]]


def measured(starts: Starts, services: Mapping[Isolation, Service], plan: Plan) -> Bursts:
    """Measure in rounds, each in a random order."""
    bursts = Bursts([], {isolation: {many: [] for many in plan.concurrencies} for isolation in services})
    job = body(TRIVIAL).decode()
    tasks = [None, *((isolation, many) for isolation in services for many in plan.concurrencies)]
    for _ in range(plan.burst_rounds):
        for task in random.sample(tasks, len(tasks)):
            if task is None:
                bursts.bare.append(per_second(starts.bare, plan.burst))
            else:
                isolation, many = task
                order = load.Order(services[isolation].port, many, job, seconds=plan.burst)
                bursts.loads[isolation][many].append(load.run(order))
    return bursts
