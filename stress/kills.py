"""Kills of parts of the service, and how soon the service recovers from them."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from redis import RedisError

from harness.managed_process import ManagedProcess
from harness.service import Service
from python_executor import Execution
from store import keys
from store.config import StoreConfig

#: The shortest and longest time between a restart and the next kill, and between a kill and the restart, in
#: seconds.
_BETWEEN: Final = (2.0, 5.0)
_DEAD: Final = (0.1, 1.5)

#: The least remaining lease of a job whose worker is alive, in seconds. With a shorter lease, its worker is
#: already dead.
_LIVE_LEASE: Final = StoreConfig().lease - 2 * StoreConfig().renew_every


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill.

    Attributes:
        victim: The name of the process.
        at: The time of the kill, in seconds since the epoch.
        dead: Seconds from the kill to the restart.
        running: The ids of the jobs that ran at that time.
    """

    victim: str
    at: float
    dead: float
    running: frozenset[str]


@dataclass(frozen=True, slots=True)
class Recovery:
    """The seconds from a kill to each sign of recovery; None if the sign was not observed.

    Attributes:
        ended: A job ended.
        answered: A request that was sent after the kill was answered.
        rerun: The last of the interrupted jobs ran again. Jobs that a later kill interrupted do not count.
        interrupted: The number of jobs that count for `rerun`. A kill of the API interrupts no job.
    """

    ended: float | None
    answered: float | None
    rerun: float | None
    interrupted: int


class Killer:
    """Kills one process after the other and starts each again."""

    def __init__(self, service: Service, random: Random, pause: Callable[[float], bool]) -> None:
        """Kill nothing yet.

        Args:
            service: The service.
            random: Chooses the victims and the times.
            pause: Waits for some seconds and returns whether the trial is over.
        """
        self._service, self._random, self._pause = service, random, pause
        self.kills: list[Kill] = []

    def run(self) -> None:
        """Kill until the trial is over."""
        # Each kind of process once or twice in a random order, so that even a short trial kills every kind.
        while True:
            kinds = ["worker", "redis", "api", "worker"]
            self._random.shuffle(kinds)
            for kind in kinds:
                if self._pause(self._random.uniform(*_BETWEEN)):
                    return
                for process in self._service.processes.values():
                    process.restart_if_ended()
                victims = [p for name, p in self._service.processes.items() if kind in name]
                self._kill(self._random.choice(victims))

    def _kill(self, process: ManagedProcess) -> None:
        dead, running = self._random.uniform(*_DEAD), self._read_running()
        at = time.time()
        process.kill()
        self.kills.append(Kill(process.name, at, dead, running))
        self._pause(dead)
        process.start()

    def _read_running(self) -> frozenset[str]:
        try:
            leased_until = (time.time() + _LIVE_LEASE) * 1000
            return frozenset(map(str, self._service.redis.zrangebyscore(keys.RUNNING, leased_until, "inf")))
        except RedisError:
            return frozenset()  # Redis is still starting


def find_recoveries(
    kills: Sequence[Kill],
    executions: Sequence[Execution],
    attempts: dict[str, int],
    answers: Sequence[tuple[float, float]],
) -> list[Recovery]:
    """Return how soon the service recovered from each kill.

    Args:
        kills: The kills in order.
        executions: The final state of each job.
        attempts: The number of runs of each job.
        answers: When each answered request was sent, and when it was answered.
    """
    ended = sorted(each.finished_at.timestamp() for each in executions if each.finished_at)
    started = {each.id: each.started_at.timestamp() for each in executions if each.started_at}
    recoveries = []
    for number, kill in enumerate(kills):
        later = frozenset[str]().union(
            *(other.running for other in kills[number + 1 :] if other.victim != "api")
        )
        reruns = [
            started[job_id] - kill.at
            for job_id in kill.running - later
            if kill.victim != "api" and attempts.get(job_id, 0) > 1 and started.get(job_id, 0) > kill.at
        ]
        recoveries.append(
            Recovery(
                ended=min((moment - kill.at for moment in ended if moment > kill.at), default=None),
                answered=min((done - kill.at for sent, done in answers if sent > kill.at), default=None),
                rerun=max(reruns, default=None),
                interrupted=len(reruns),
            )
        )
    return recoveries
