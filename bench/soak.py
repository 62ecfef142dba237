"""Many jobs in a row: they must leave nothing behind, and the last jobs must be as fast as the first."""

from dataclasses import asdict, dataclass
from pathlib import Path

from bench import load
from bench.percentiles import percentile
from bench.scripts import TRIVIAL, make_body
from harness.components import Component, find_processes
from harness.service import Service
from sandbox.jail import hierarchy

_MB = 1024 * 1024

#: Jobs before the first count. After them every connection, process and cache exists.
_WARM_UP = 200

#: Jobs at the start and at the end whose latencies are compared.
_COMPARED = 1000


@dataclass(frozen=True, slots=True)
class Resources:
    """The resources that a service holds at one moment.

    Attributes:
        memory: Private MB (USS) of the API and the worker.
    """

    processes: int
    cgroups: int
    mounts: int
    descriptors: int
    files: int
    memory: float


@dataclass(frozen=True, slots=True)
class Soak:
    """The outcome of the jobs.

    Attributes:
        jobs: How many jobs.
        before: The resources before them.
        after: The resources after them.
        first: The median milliseconds of the first jobs.
        last: The median milliseconds of the last jobs.
    """

    jobs: int
    before: Resources
    after: Resources
    first: float
    last: float

    @property
    def increase(self) -> dict[str, float]:
        """The increase of each resource except memory."""
        before, after = asdict(self.before), asdict(self.after)
        return {name: after[name] - before[name] for name in before if name != "memory"}


def run_soak(service: Service, jobs: int) -> Soak:
    """Run the jobs: the first and the last jobs one at a time, the others eight at a time."""
    job = make_body(TRIVIAL).decode()
    load.run(load.Order(service.port, 1, job, jobs=min(_WARM_UP, jobs)))
    before = _count_resources(service)
    compared = min(_COMPARED, jobs // 2)
    first = load.run(load.Order(service.port, 1, job, jobs=compared))
    if jobs > 2 * compared:
        load.run(load.Order(service.port, 8, job, jobs=jobs - 2 * compared))
    last = load.run(load.Order(service.port, 1, job, jobs=compared))
    after = _count_resources(service)
    return Soak(jobs, before, after, percentile(first.latencies, 50), percentile(last.latencies, 50))


def _count_resources(service: Service) -> Resources:
    now = find_processes(service)
    components = (Component.API, Component.WORKER, Component.POOL)
    processes = [process for component in components for process in now.by_component[component]]
    (instance,) = service.instances()
    name = hierarchy.instance_name(instance)
    worker = now.by_component[Component.WORKER][0].pid
    places = hierarchy.of_process(worker).unique_folders
    groups = [path for place in places for path in (place / name).rglob("*/")]
    mounts = Path(f"/proc/{worker}/mountinfo").read_text().splitlines()
    return Resources(
        processes=len(now.all),
        cgroups=len(groups),
        mounts=len(mounts),
        descriptors=sum(process.num_fds() for process in processes),
        files=sum(1 for path in service.folder.rglob("*") if "/root/" not in str(path)),
        memory=sum(process.memory_full_info().uss for process in processes) / _MB,
    )
