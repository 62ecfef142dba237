"""Kills: what was killed and when, and how soon the service had recovered from it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any, Final

from redis import RedisError

from store import keys
from store.config import StoreConfig
from stress.service import Part, Service

#: Seconds between a restart and the next kill, and for which a part stays dead.
BETWEEN: Final = (2.0, 5.0)
_DEAD: Final = (0.1, 1.5)

#: Seconds of a claim's lease that are left while its worker lives; with less it was killed before.
_HELD: Final = StoreConfig().lease - 2 * StoreConfig().renew_every


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill. at: the time of day. dead: seconds until the restart. running: the jobs that ran then."""

    victim: str
    at: float
    dead: float
    running: frozenset[str]


@dataclass(frozen=True, slots=True)
class Recovery:
    """How soon after a kill, in seconds, something was the case again; None where it was not seen to be.

    ended: a job had ended. answered: a request sent after the kill had its answer.
    again: each job that the kill interrupted, and no later one did, ran again. The API has no jobs.
    interrupted: how many those were.
    """

    ended: float | None
    answered: float | None
    again: float | None
    interrupted: int


class Killer:
    """Kills one part after the other and starts it again."""

    def __init__(self, service: Service, random: Random, pause: Callable[[float], bool]) -> None:
        """Kill nothing yet. pause: waits so many seconds, and says whether the trial is over."""
        self._service, self._random, self._pause = service, random, pause
        self.kills: list[Kill] = []

    def run(self) -> None:
        """Kill until the trial is over."""
        # Every kind in turn, in an order of chance, so that a short trial has each of them too.
        while True:
            kinds = ["worker", "redis", "api", "worker"]
            self._random.shuffle(kinds)
            for kind in kinds:
                if self._pause(self._random.uniform(*BETWEEN)):
                    return
                for part in self._service.parts.values():
                    part.look_after()
                self._strike(self._random.choice([p for n, p in self._service.parts.items() if kind in n]))

    def _strike(self, part: Part) -> None:
        dead, running = self._random.uniform(*_DEAD), self._running()
        at = time.time()
        part.kill()
        self.kills.append(Kill(part.name, at, dead, running))
        self._pause(dead)
        part.start()

    def _running(self) -> frozenset[str]:
        try:
            held_until = (time.time() + _HELD) * 1000
            return frozenset(map(str, self._service.redis.zrangebyscore(keys.RUNNING, held_until, "inf")))
        except RedisError:
            return frozenset()  # it is still starting


def recoveries(
    kills: Sequence[Kill],
    jobs: Sequence[dict[str, Any]],
    attempts: dict[str, int],
    answers: Sequence[tuple[float, float]],
) -> list[Recovery]:
    """Say how soon the service had recovered from each kill.

    jobs: how each ended. attempts: how often each job was run. answers: when requests were sent and answered.
    """
    ended = sorted(_moment(job["finished_at"]) for job in jobs)
    started = {job["id"]: _moment(job["started_at"]) for job in jobs if job["started_at"]}
    found = []
    for number, kill in enumerate(kills):
        later = frozenset[str]().union(
            *(other.running for other in kills[number + 1 :] if other.victim != "api")
        )
        again = [
            started[job_id] - kill.at
            for job_id in kill.running - later
            if kill.victim != "api" and attempts.get(job_id, 0) > 1 and started.get(job_id, 0) > kill.at
        ]
        found.append(
            Recovery(
                ended=min((moment - kill.at for moment in ended if moment > kill.at), default=None),
                answered=min((done - kill.at for sent, done in answers if sent > kill.at), default=None),
                again=max(again, default=None),
                interrupted=len(again),
            )
        )
    return found


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
