"""Two checkouts, measured in one run: `make bench AGAINST=DIR`.

The services of both checkouts run at the same time with the same settings and write their logs to files. Each
round takes every figure from every service, in a new random order, so that noise of the machine affects both
checkouts alike. The other checkout can be an older version: only its command line, HTTP, /proc and Redis are
used.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Final

from bench import cost, load, memory
from bench.latency import TimedJobs
from bench.paired_figures import OTHER, THIS, PairedFigure, PairedFigures
from bench.plan import SETTINGS, ComparisonPlan
from bench.scripts import TRIVIAL, make_body
from harness.checkout import Checkout
from harness.components import Component
from harness.service import Service, run_whole
from harness.together import enter_all
from sandbox.isolation import Isolation

#: The rows of CPU time. Each row is the sum of its components.
_CPU_ROWS: Final[Mapping[str, tuple[Component, ...]]] = {
    "API": (Component.API,),
    "worker": (Component.WORKER, Component.POOL),
    "sandbox": (Component.SANDBOX,),
    "Redis": (Component.REDIS,),
    "all": tuple(Component),
}

#: The services of a comparison, by checkout and isolation.
Services = Mapping[tuple[str, Isolation], Service]


def compare(other: Checkout, plan: ComparisonPlan, print_step: Callable[[str], None]) -> list[PairedFigure]:
    """Measure this checkout and another in the same rounds."""
    checkouts = {THIS: Checkout.this(), OTHER: other}
    figures = PairedFigures()
    for number in range(plan.starts):
        print_step(f"additional start {number + 1} of {plan.starts}")
        for name, isolation in _draw_order():
            with _measure_start(checkouts[name], name, isolation, figures):
                pass
    with ExitStack() as stack:
        print_step("starting the services")
        contexts = {
            (name, isolation): _measure_start(checkouts[name], name, isolation, figures)
            for name, isolation in _draw_order()
        }
        services = enter_all(stack, contexts, together=plan.together)
        rounds = _Rounds(services, plan, figures)
        for number in range(plan.rounds):
            print_step(f"round {number + 1} of {plan.rounds}")
            rounds.run()
        print_step("Redis commands")
        for (name, isolation), service in services.items():
            commands = cost.count_commands(service, plan.counted_jobs)
            figures.add(isolation, name, "Redis commands per job", [sum(commands.sent.values())])
            figures.add(isolation, name, "Redis commands in scripts per job", [sum(commands.inside.values())])
    return figures.list_by_isolation()


def describe_checkouts(other: Checkout) -> str:
    """Return a line about each checkout, with the build of its interpreter."""
    checkouts = {THIS: Checkout.this(), OTHER: other}
    return "\n".join(f"{name}: {one.folder}, {one.describe_python()}" for name, one in checkouts.items())


def _draw_order() -> list[tuple[str, Isolation]]:
    """Return the services in a random order, with both checkouts of an isolation side by side."""
    isolations, names = list(Isolation), [THIS, OTHER]
    return [
        (name, isolation)
        for isolation in random.sample(isolations, len(isolations))
        for name in random.sample(names, len(names))
    ]


@contextmanager
def _measure_start(
    checkout: Checkout, name: str, isolation: Isolation, figures: PairedFigures
) -> Iterator[Service]:
    with run_whole(checkout, ISOLATION=isolation, **SETTINGS) as service:
        idle = memory.measure_idle(service)
        # `make run` prints that it is ready up to a second later, and this delay would hide a difference.
        figures.add(isolation, name, "start until /health/ready, s", [service.health_seconds])
        figures.add(isolation, name, "memory at rest, MB", [idle.total])
        figures.add(isolation, name, "memory of a waiting process, MB", [idle.child])
        yield service


class _Rounds:
    """Measures every figure of every service once in each round."""

    def __init__(self, services: Services, plan: ComparisonPlan, figures: PairedFigures) -> None:
        self._services, self._plan, self._figures = services, plan, figures
        self._body = make_body(TRIVIAL)
        self._jobs = {key: TimedJobs(service, self._body) for key, service in services.items()}

    def run(self) -> None:
        """Measure one round: each kind of figure of all services, then the next kind."""
        plan = self._plan
        for measure in (
            lambda key: self._measure_latency(key, "paced", plan.paced, plan.pause),
            lambda key: self._measure_latency(key, "back to back", plan.back_to_back, 0),
            *(self._make_burst(many) for many in plan.concurrencies),
            *(self._make_cost(many) for many in cost.CONCURRENCIES),
        ):
            for key in _draw_order():
                measure(key)

    def _measure_latency(self, key: tuple[str, Isolation], pace: str, count: int, pause: float) -> None:
        checkout, isolation = key
        times = self._jobs[key].run(count, pause)
        self._figures.add(isolation, checkout, f"{pace}: p50, ms", times, 50)
        self._figures.add(isolation, checkout, f"{pace}: p95, ms", times, 95)

    def _make_burst(self, concurrency: int) -> Callable[[tuple[str, Isolation]], None]:
        def measure(key: tuple[str, Isolation]) -> None:
            order = load.Order(
                self._services[key].port, concurrency, self._body.decode(), seconds=self._plan.burst
            )
            rate = load.run(order).rate
            self._figures.add(key[1], key[0], f"burst of {concurrency}: jobs/s", [rate])

        return measure

    def _make_cost(self, concurrency: int) -> Callable[[tuple[str, Isolation]], None]:
        def measure(key: tuple[str, Isolation]) -> None:
            cpu = cost.measure_job_cpu(self._services[key], concurrency, self._plan.cost_jobs)
            for name, components in _CPU_ROWS.items():
                title = f"CPU of a job, {concurrency} at once, {name}, ms"
                total = sum(cpu.components[component] for component in components)
                self._figures.add(key[1], key[0], title, [total])

        return measure
