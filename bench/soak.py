"""Many jobs through one service: nothing may be left behind, and the last must be as quick as the first."""

from dataclasses import asdict, dataclass
from pathlib import Path

from bench import load
from bench.processes import Part, parts
from bench.scripts import TRIVIAL, body
from bench.service import Service
from bench.statistic import percentile
from sandbox.jail import hierarchy

_MB = 1024 * 1024

#: Jobs before the first count, after which every connection, process and cache is there.
_WARM_UP = 200

_STRETCH = 1000


@dataclass(frozen=True, slots=True)
class Standing:
    """What a service has at one moment. memory: MB of the API and the worker, shared pages left out."""

    processes: int
    cgroups: int
    mounts: int
    descriptors: int
    files: int
    memory: float


@dataclass(frozen=True, slots=True)
class Soak:
    """before, after: what the service had. first, last: the medians of the first and last jobs, in ms."""

    jobs: int
    before: Standing
    after: Standing
    first: float
    last: float

    @property
    def left(self) -> dict[str, float]:
        """Return what there is more of, memory apart."""
        before, after = asdict(self.before), asdict(self.after)
        return {name: after[name] - before[name] for name in before if name != "memory"}


def soaked(service: Service, jobs: int) -> Soak:
    """Run that many jobs one after the other."""
    job = body(TRIVIAL).decode()
    load.run(load.Order(service.port, 1, job, jobs=min(_WARM_UP, jobs)))
    before = _standing(service)
    stretch = min(_STRETCH, jobs // 2)
    first = load.run(load.Order(service.port, 1, job, jobs=stretch))
    if jobs > 2 * stretch:
        load.run(load.Order(service.port, 8, job, jobs=jobs - 2 * stretch))
    last = load.run(load.Order(service.port, 1, job, jobs=stretch))
    return Soak(
        jobs, before, _standing(service), percentile(first.latencies, 50), percentile(last.latencies, 50)
    )


def _standing(service: Service) -> Standing:
    now = parts(service)
    ours = [p for part in (Part.API, Part.WORKER, Part.POOL) for p in now.by_part[part]]
    (instance,) = [path.name for path in service.folder.glob("python-executor-*")]
    groups = [path for place in hierarchy.detect().unique_folders for path in (place / instance).rglob("*/")]
    mounts = Path(f"/proc/{now.by_part[Part.WORKER][0].pid}/mountinfo").read_text().splitlines()
    return Standing(
        processes=len(now.all),
        cgroups=len(groups),
        mounts=len(mounts),
        descriptors=sum(process.num_fds() for process in ours),
        files=sum(1 for path in service.folder.rglob("*") if "/root/" not in str(path)),
        memory=sum(process.memory_full_info().uss for process in ours) / _MB,
    )
