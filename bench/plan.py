"""The size of a measurement."""

from dataclasses import dataclass
from typing import Final

#: The settings of every measured service.
SETTINGS: Final = {
    "SANDBOX": "nsjail",
    # On a slow machine `/execute` must still wait for the end of the job.
    "EXECUTE_WAIT": "60",
    "LOG_LEVEL": "info",
    "LOG_FORMAT": "logfmt",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """The size of each step of a run.

    Attributes:
        runs: Runs with services of their own; the median of their figures counts. Latency, bursts, the cost
            of a job and memory are measured in each, the rest once.
        rounds: Rounds of latency in a run; the next seven fields are counts within one round.
        bare: Bare starts.
        cold: Cold starts of a jail.
        paced: Trivial jobs with a pause before each.
        back_to_back: Trivial jobs without a pause.
        moderate: Moderate jobs.
        file_jobs: Jobs with a file of 1 MB in and out.
        prints: Prints of one job whose output is streamed.
        pause: Seconds of the pause.
        burst_rounds: Rounds of bursts in a run.
        burst: Seconds of one burst.
        concurrencies: Numbers of connections in a burst.
        cost_rounds: Rounds of CPU time in a run; the next two fields are counts within one round.
        cost_jobs: Jobs.
        cost_starts: Bare starts.
        idle: Seconds over which the kernel's own threads are measured while nothing else is.
        counted_jobs: Jobs over which Redis commands are counted.
        profile_jobs: Jobs over which the use of the machine is measured.
        starts: Additional starts of the services with packages.
        waiting: Requests that wait at the same time.
        streams: Streams that are open at the same time.
        jobs_beside_streams: Trivial jobs before, beside and after them.
        settle: Seconds after which the service is at rest, before each of these.
        together: Start services at the same time. Their start times then mean nothing.
        growth_rounds: Rounds of the comparison of larger services with a small one.
        growth_jobs: Trivial jobs with a pause before each, in one round.
        growth_burst: Seconds of a burst in one round.
        few_queued, many_queued: Jobs in the queue.
        many_keys: API keys with jobs.
        many_connections: Idle connections.
        scaling_rounds: Rounds of the comparison of three workers with one.
        scaling_jobs: Jobs in one round.
        package_rounds: Rounds of jobs with packages.
        package_jobs: Jobs of each program with packages in one round.
        soak: Jobs in a row, 0 for none.
    """

    runs: int = 3

    rounds: int = 16
    bare: int = 8
    cold: int = 4
    paced: int = 10
    back_to_back: int = 20
    moderate: int = 5
    file_jobs: int = 5
    prints: int = 5
    pause: float = 0.02

    burst_rounds: int = 3
    burst: float = 2.0
    concurrencies: tuple[int, ...] = (8, 32, 64)

    cost_rounds: int = 4
    cost_jobs: int = 100
    cost_starts: int = 50
    idle: float = 2.0

    counted_jobs: int = 100
    profile_jobs: int = 500
    starts: int = 2
    waiting: int = 1000
    streams: int = 2000
    jobs_beside_streams: int = 300
    settle: float = 2.0
    together: bool = False

    growth_rounds: int = 12
    growth_jobs: int = 20
    growth_burst: float = 1.0
    few_queued: int = 10
    many_queued: int = 10_000
    many_keys: int = 1000
    many_connections: int = 100

    scaling_rounds: int = 5
    scaling_jobs: int = 200

    package_rounds: int = 30
    package_jobs: int = 5

    soak: int = 0


FULL: Final = Plan()

#: For a test of the tool: every step once. The figures are not meaningful.
QUICK: Final = Plan(
    runs=1,
    rounds=2,
    bare=2,
    cold=2,
    paced=3,
    back_to_back=3,
    moderate=2,
    file_jobs=2,
    prints=2,
    burst_rounds=1,
    burst=0.6,
    concurrencies=(8, 32),
    cost_rounds=1,
    cost_jobs=20,
    cost_starts=5,
    idle=0.1,
    counted_jobs=10,
    profile_jobs=20,
    starts=0,
    waiting=50,
    streams=50,
    jobs_beside_streams=10,
    settle=0.2,
    together=True,
    growth_rounds=1,
    growth_jobs=3,
    growth_burst=0.6,
    few_queued=1,
    many_queued=100,
    many_keys=20,
    many_connections=10,
    scaling_rounds=1,
    scaling_jobs=20,
    package_rounds=1,
    package_jobs=2,
)


@dataclass(frozen=True, slots=True)
class ComparisonPlan:
    """The size of each step of a comparison; the counts are for each service and round.

    Attributes:
        starts: Rounds of additional starts of each service.
        rounds: Rounds of everything else.
        paced: Trivial jobs with a pause before each.
        back_to_back: Trivial jobs without a pause.
        pause: Seconds of the pause.
        burst: Seconds of one burst.
        concurrencies: Numbers of connections in a burst.
        cost_jobs: Jobs over which CPU time is measured.
        counted_jobs: Jobs over which Redis commands are counted; once, not in each round.
        together: Start services at the same time. Their start times then mean nothing.
    """

    starts: int = 2
    rounds: int = 10
    paced: int = 20
    back_to_back: int = 40
    pause: float = 0.02
    burst: float = 1.0
    concurrencies: tuple[int, ...] = (8, 32, 64)
    cost_jobs: int = 100
    counted_jobs: int = 100
    together: bool = False


COMPARISON: Final = ComparisonPlan()

#: For a test of the tool. The figures are not meaningful.
QUICK_COMPARISON: Final = ComparisonPlan(
    starts=0,
    rounds=1,
    paced=3,
    back_to_back=3,
    burst=0.6,
    concurrencies=(8,),
    cost_jobs=20,
    counted_jobs=10,
    together=True,
)
