"""What a trivial job costs: CPU time by part, commands to Redis."""

import threading
from collections import Counter
from dataclasses import dataclass

from redis import Redis

from bench import load
from bench.plan import Plan
from bench.processes import Part, cpu_seconds, kernel_seconds
from bench.scripts import TRIVIAL, body
from bench.service import Service


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU milliseconds a job, by part and by how many jobs there were at once. kernel, client: apart."""

    parts: dict[int, dict[Part, float]]
    kernel: dict[int, float]
    client: dict[int, float]

    def total(self, concurrency: int) -> float:
        """Return the sum of the parts."""
        return sum(self.parts[concurrency].values())


@dataclass(frozen=True, slots=True)
class Commands:
    """Commands a job by name. sent: over a connection, each a way there and back; inside: in scripts."""

    sent: dict[str, float]
    inside: dict[str, float]


def cpu(service: Service, plan: Plan) -> Cost:
    """Measure over many jobs, one and eight at a time."""
    cost = Cost({}, {}, {})
    for concurrency in (1, 8):
        order = load.Order(service.port, concurrency, body(TRIVIAL).decode(), jobs=plan.cost_jobs)
        before, kernel_before = cpu_seconds(service), kernel_seconds()
        done = load.run(order)
        after, kernel_after = cpu_seconds(service), kernel_seconds()
        each = 1000 / plan.cost_jobs
        cost.parts[concurrency] = {part: (after[part] - before[part]) * each for part in Part}
        cost.kernel[concurrency] = (kernel_after - kernel_before) * each
        cost.client[concurrency] = done.cpu * each
    return cost


def commands(service: Service, plan: Plan) -> Commands:
    """Count with MONITOR, which tells commands of connections from those of scripts."""
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
        load.run(load.Order(service.port, 1, body(TRIVIAL).decode(), jobs=plan.counted_jobs))
        redis.echo(last)
        thread.join()
    return Commands(*({name: n / plan.counted_jobs for name, n in c.most_common()} for c in (sent, inside)))
