"""Bursts of many jobs at once, interleaved with bursts of bare starts."""

import random
from collections.abc import Mapping
from dataclasses import dataclass

from bench import load
from bench.plan import Plan
from bench.scripts import TRIVIAL, make_body
from bench.starts import Starts, count_starts_per_second
from harness.service import Service
from sandbox.isolation import Isolation


@dataclass(frozen=True, slots=True)
class Bursts:
    """The bursts of all rounds.

    Attributes:
        bare: Bare starts per second.
        loads: The bursts of jobs, by isolation and concurrency.
    """

    bare: list[float]
    loads: dict[Isolation, dict[int, list[load.Load]]]


def measure(starts: Starts, services: Mapping[Isolation, Service], plan: Plan) -> Bursts:
    """Measure in rounds, each in a random order."""
    bursts = Bursts([], {isolation: {many: [] for many in plan.concurrencies} for isolation in services})
    job = make_body(TRIVIAL).decode()
    tasks = [None, *((isolation, many) for isolation in services for many in plan.concurrencies)]
    for _ in range(plan.burst_rounds):
        for task in random.sample(tasks, len(tasks)):
            if task is None:
                bursts.bare.append(count_starts_per_second(starts.bare, plan.burst))
            else:
                isolation, many = task
                order = load.Order(services[isolation].port, many, job, seconds=plan.burst)
                bursts.loads[isolation][many].append(load.run(order))
    return bursts
