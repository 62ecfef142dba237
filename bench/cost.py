"""The cost of a trivial job: CPU time by component, and commands to Redis."""

import threading
from collections import Counter
from dataclasses import dataclass

from redis import Redis

from bench import load
from bench.plan import Plan
from bench.scripts import TRIVIAL, make_body
from harness.components import Component, read_cpu_seconds, read_kernel_seconds
from harness.service import Service

#: How many jobs run at once while CPU time is measured.
CONCURRENCIES = (1, 8)


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


@dataclass(frozen=True, slots=True)
class Commands:
    """Redis commands of one job, by name.

    Attributes:
        sent: Commands that the API and the worker send; each costs a round trip.
        inside: Commands that Lua scripts call.
    """

    sent: dict[str, float]
    inside: dict[str, float]


def measure_cpu(service: Service, plan: Plan) -> Cost:
    """Measure the CPU time of a job for each of CONCURRENCIES."""
    found = {many: measure_job_cpu(service, many, plan.cost_jobs) for many in CONCURRENCIES}
    return Cost(
        {many: cpu.components for many, cpu in found.items()},
        {many: cpu.kernel for many, cpu in found.items()},
        {many: cpu.client for many, cpu in found.items()},
    )


def measure_job_cpu(service: Service, concurrency: int, jobs: int) -> JobCpu:
    """Measure the CPU time of one job over many jobs."""
    order = load.Order(service.port, concurrency, make_body(TRIVIAL).decode(), jobs=jobs)
    before, kernel_before = read_cpu_seconds(service), read_kernel_seconds()
    done = load.run(order)
    after, kernel_after = read_cpu_seconds(service), read_kernel_seconds()
    each = 1000 / jobs
    return JobCpu(
        {component: (after[component] - before[component]) * each for component in Component},
        (kernel_after - kernel_before) * each,
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
