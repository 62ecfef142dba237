"""The cost of a trivial job: CPU time by component, beside that of a bare start, and commands to Redis."""

import random
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean as mean

from redis import Redis

from bench import load
from bench.plan import Plan
from bench.scripts import TRIVIAL, make_body
from bench.starts import Start, measure_start_cpu
from harness.components import Component, read_cpu_seconds, read_kernel_seconds
from harness.service import Service
from sandbox.isolation import Isolation

#: How many jobs run at once while CPU time is measured.
CONCURRENCIES = (1, 8)


@dataclass(frozen=True, slots=True)
class Cpu:
    """CPU milliseconds of a bare start.

    Attributes:
        process: The time of its process.
        kernel: The time of the kernel's threads, on the whole machine.
    """

    process: float
    kernel: float

    @property
    def total(self) -> float:
        """Both together."""
        return self.process + self.kernel


@dataclass(frozen=True, slots=True)
class JobCpu:
    """CPU milliseconds of one job.

    Attributes:
        components: The time of each component of the service.
        kernel: The time of the kernel's threads, on the whole machine.
        client: The time of the process that sends the jobs.
    """

    components: dict[Component, float]
    kernel: float
    client: float


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU milliseconds of one job, by the number of jobs at once. kernel, client: as in JobCpu."""

    components: dict[int, dict[Component, float]]
    kernel: dict[int, float]
    client: dict[int, float]

    def total(self, concurrency: int) -> float:
        """Return the sum over the components."""
        return sum(self.components[concurrency].values())

    def total_with_kernel(self, concurrency: int) -> float:
        """Return the sum over the components and the kernel's threads."""
        return self.total(concurrency) + self.kernel[concurrency]


@dataclass(frozen=True, slots=True)
class Commands:
    """Redis commands of one job, by name.

    Attributes:
        sent: Commands that the API and the worker send; each costs a round trip.
        inside: Commands that Lua scripts call.
    """

    sent: dict[str, float]
    inside: dict[str, float]


def measure_cpu(
    bare: Start, services: Mapping[Isolation, Service], plan: Plan
) -> tuple[Cpu, dict[Isolation, Cost]]:
    """Measure the CPU time of a bare start, and of a job of each service for each of CONCURRENCIES.

    The rounds take each of them in a random order.
    """
    idle = measure_idle_kernel(plan.idle)
    starts: list[Cpu] = []
    jobs: dict[tuple[Isolation, int], list[JobCpu]] = {
        (isolation, many): [] for isolation in services for many in CONCURRENCIES
    }
    tasks = [None, *jobs]
    for _ in range(plan.cost_rounds):
        for task in random.sample(tasks, len(tasks)):
            if task is None:
                starts.append(_measure_start_cpu(bare, plan.cost_starts, idle))
            else:
                isolation, many = task
                jobs[task].append(measure_job_cpu(services[isolation], many, plan.cost_jobs, idle))
    costs = {
        isolation: _join({many: jobs[isolation, many] for many in CONCURRENCIES}) for isolation in services
    }
    return Cpu(mean(one.process for one in starts), mean(one.kernel for one in starts)), costs


def _join(rounds: Mapping[int, list[JobCpu]]) -> Cost:
    """Return the mean of all rounds, which ticks of the kernel's clock blur less than a median."""
    return Cost(
        {
            many: {component: mean(one.components[component] for one in some) for component in Component}
            for many, some in rounds.items()
        },
        {many: mean(one.kernel for one in some) for many, some in rounds.items()},
        {many: mean(one.client for one in some) for many, some in rounds.items()},
    )


def measure_idle_kernel(seconds: float) -> float:
    """Return the share of a CPU that the kernel's threads take while nothing is measured."""
    before = read_kernel_seconds()
    time.sleep(seconds)
    return (read_kernel_seconds() - before) / seconds


def _measure_start_cpu(bare: Start, count: int, idle_kernel: float) -> Cpu:
    began, kernel = time.monotonic(), read_kernel_seconds()
    seconds = sum(measure_start_cpu(bare).seconds for _ in range(count))
    kernel = read_kernel_seconds() - kernel - idle_kernel * (time.monotonic() - began)
    return Cpu(seconds * 1000 / count, kernel * 1000 / count)


def measure_job_cpu(service: Service, concurrency: int, jobs: int, idle_kernel: float = 0.0) -> JobCpu:
    """Measure the CPU time of one job over many jobs.

    Args:
        service: The service.
        concurrency: How many jobs run at once.
        jobs: How many jobs.
        idle_kernel: The share of a CPU that the kernel's threads take anyway.
    """
    order = load.Order(service.port, concurrency, make_body(TRIVIAL).decode(), jobs=jobs)
    began, before, kernel = time.monotonic(), read_cpu_seconds(service), read_kernel_seconds()
    done = load.run(order)
    after = read_cpu_seconds(service)
    kernel = read_kernel_seconds() - kernel - idle_kernel * (time.monotonic() - began)
    each = 1000 / jobs
    return JobCpu(
        {component: (after[component] - before[component]) * each for component in Component},
        kernel * each,
        done.cpu * each,
    )


def count_commands(service: Service, jobs: int) -> Commands:
    """Count the commands with MONITOR, which marks the commands that Lua scripts call."""
    sent: Counter[str] = Counter()
    inside: Counter[str] = Counter()
    last = "bench-end"
    with Redis.from_url(service.redis_url, decode_responses=True) as redis, redis.monitor() as monitor:

        def listen() -> None:
            for seen in monitor.listen():
                if last in seen["command"]:
                    return
                where = inside if seen["client_type"] == "lua" else sent
                where[seen["command"].split()[0].upper()] += 1

        thread = threading.Thread(target=listen)
        thread.start()
        load.run(load.Order(service.port, 1, make_body(TRIVIAL).decode(), jobs=jobs))
        redis.echo(last)
        thread.join()
    return Commands(*({name: n / jobs for name, n in c.most_common()} for c in (sent, inside)))
