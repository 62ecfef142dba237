"""Jobs with the packages of an environment.

With each isolation two services run: one that offers the environment, and one that has the standard library
only. Each round takes some jobs of each service, and each program once without the service, in a new random
order.
"""

import random
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from bench.latency import Samples, TimedJobs
from bench.percentiles import median, percentile, summarize
from bench.plan import SETTINGS, Plan
from bench.scripts import NAMED, PACKAGES, PROCESS_NAME, TRIVIAL, make_body, make_program_body
from bench.starts import Start, time_start
from environments.installed import Installed, examine
from harness.checkout import Checkout
from harness.client import Client
from harness.components import Component, find_processes
from harness.service import Service, run_whole
from harness.together import enter_all
from sandbox.isolation import Isolation
from sandbox.packages import Packages

#: The measured environment.
DATA: Final = "data"

#: What follows the isolation in the name of a sample of trivial jobs.
WITH: Final = "trivial with the environment"
WITHOUT: Final = "trivial without it"

_MB: Final = 1024 * 1024

#: Seconds until a job that was sent must run.
_START_WITHIN: Final = 30.0


@dataclass(frozen=True, slots=True)
class PackageFigures:
    """The figures of jobs with packages.

    Attributes:
        samples: Milliseconds of single starts and jobs.
        ready: Seconds from the start of a service with the environment to the answer of its first job with
            packages, for each start. A worker process imports them after the worker is ready.
        child: Private memory (USS) of the process of a job that has imported numpy and pandas, in MB.
        versions: The version of each package by its name.
        preloaded: The modules that are imported before a job starts, by isolation.
    """

    samples: Samples
    ready: dict[Isolation, list[float]]
    child: dict[Isolation, float]
    versions: dict[str, str]
    preloaded: dict[Isolation, list[str]]

    def over_itself(self, isolation: Isolation, program: str, percent: float = 50) -> float:
        """Return a percentile of a job over the median of the same program without the service."""
        job = percentile(self.samples[f"{isolation} {program}"], percent)
        return job / percentile(self.samples[name_bare(program)], 50)

    def trivial_with_over_without(self, isolation: Isolation) -> float:
        """Return the median of a trivial job with the environment over the median without it."""
        return median(self.samples[f"{isolation} {WITH}"]) / median(self.samples[f"{isolation} {WITHOUT}"])

    def summarize(self) -> dict[str, Any]:
        """Return all figures except the single samples, as a JSON value."""
        spreads = {name: asdict(summarize(sample)) for name, sample in self.samples.items()}
        return {
            "latency_ms": spreads,
            **{name: value for name, value in asdict(self).items() if name != "samples"},
        }


def name_bare(program: str) -> str:
    """Return the name of the sample of a program without the service."""
    return f"{program} bare"


def find_packages(folder: Path | None) -> Packages:
    """Return the packages of the environment. Raises SystemExit if it is not built."""
    for one in examine(folder):
        if isinstance(one, Installed) and one.environment.name == DATA:
            return one.packages
    raise SystemExit(f"bench: there is no environment {DATA}: `make environment` builds it")


def measure(packages: Packages, without: Mapping[Isolation, Service], plan: Plan) -> PackageFigures:
    """Measure in rounds, each in a random order.

    Args:
        packages: The packages of the environment.
        without: The services without the environment.
        plan: The size of the measurement.
    """
    ready: dict[Isolation, list[float]] = {isolation: [] for isolation in Isolation}
    with ExitStack() as stack:
        runs = {isolation: _run(packages, isolation, ready[isolation]) for isolation in Isolation}
        services = enter_all(stack, runs, together=plan.together)
        described = {isolation: _describe(service) for isolation, service in services.items()}
        tasks = _make_bare_tasks(packages, Path(stack.enter_context(TemporaryDirectory(prefix="bench-"))))
        for isolation, service in services.items():
            tasks |= _make_job_tasks(isolation, service, without[isolation], plan)
        samples: Samples = {name: [] for name in tasks}
        for _ in range(plan.package_rounds):
            for name in random.sample(list(tasks), len(tasks)):
                samples[name] += tasks[name]()
        child = {isolation: _measure_child(service) for isolation, service in services.items()}
    for isolation in Isolation:
        for _ in range(plan.starts):
            with _run(packages, isolation, ready[isolation]):
                pass
    versions = {package["name"]: package["version"] for package in described[Isolation.SLOT]["packages"]}
    preloaded = {isolation: one["preloaded"] for isolation, one in described.items()}
    return PackageFigures(samples, ready, child, versions, preloaded)


@contextmanager
def _run(packages: Packages, isolation: Isolation, ready: list[float]) -> Iterator[Service]:
    """Run a service with the environment; add the seconds to the answer of its first job to `ready`."""
    began = time.monotonic()
    folder = packages.folder.parents[1]
    with run_whole(Checkout.this(), ISOLATION=isolation, ENVIRONMENTS=str(folder), **SETTINGS) as service:
        TimedJobs(service, make_program_body(PACKAGES["numpy"], DATA), warm_up=0).run(0)
        ready.append(time.monotonic() - began)
        yield service


def _describe(service: Service) -> dict[str, Any]:
    """Return the environment as the service lists it. Raises KeyError if the service does not offer it."""
    client = Client(service.url)
    listed: dict[str, dict[str, Any]] = {
        one["name"]: one for one in client.ask("GET", "/environments").json()
    }
    client.close()
    return listed[DATA]


def _make_bare_tasks(packages: Packages, folder: Path) -> dict[str, Callable[[], list[float]]]:
    """Return a task for each program that runs it without the service, as the jails would."""
    interpreter = str(Path(sys.executable).resolve())
    environment = {"HOME": str(folder), "PYTHONPATH": str(packages.folder), **dict(packages.variables)}

    def make(program: str) -> Callable[[], list[float]]:
        start = Start([interpreter, "-S", "-c", program], environment)
        return lambda: [time_start(start)]

    return {name_bare(name): make(program) for name, program in PACKAGES.items()}


def _make_job_tasks(
    isolation: Isolation, service: Service, without: Service, plan: Plan
) -> dict[str, Callable[[], list[float]]]:
    # With `fresh` a job takes as long as a start: the sample needs no more jobs than starts, and none ahead.
    slot = isolation is Isolation.SLOT
    count = plan.package_jobs if slot else 1

    def make(service: Service, body: bytes, count: int) -> Callable[[], list[float]]:
        jobs = TimedJobs(service, body, warm_up=plan.package_jobs if slot else 0)
        return lambda: jobs.run(count, plan.pause)

    return {
        f"{isolation} {WITH}": make(service, make_body(TRIVIAL), plan.paced),
        f"{isolation} {WITHOUT}": make(without, make_body(TRIVIAL), plan.paced),
        **{
            f"{isolation} {name}": make(service, make_program_body(program, DATA), count)
            for name, program in PACKAGES.items()
        },
    }


def _measure_child(service: Service) -> float:
    jobs = TimedJobs(service, make_program_body(NAMED, DATA), warm_up=0)
    thread = threading.Thread(target=jobs.run, args=(0,))
    thread.start()
    try:
        return _find_named(service)
    finally:
        thread.join()


def _find_named(service: Service) -> float:
    deadline = time.monotonic() + _START_WITHIN
    while time.monotonic() < deadline:
        for process in find_processes(service).by_component[Component.SANDBOX]:
            if process.name() == PROCESS_NAME:
                return float(process.memory_full_info().uss) / _MB
        time.sleep(0.02)
    raise RuntimeError("the job did not start")
