"""The records of one Redis: every script, bounded as a test wants, and what must hold between any two."""

from collections import Counter
from collections.abc import Callable
from itertools import count
from typing import Any, Final

from redis import Redis

from jobs.job import Job
from jobs.outcome import ErrorType, JobError, Outcome
from jobs.status import FINAL, Status
from store import keys
from store.admission import Admission
from store.cancel import Cancel
from store.claim import Claim, Claimed
from store.finish import Finish
from store.listing import Listing
from store.queue_class import QUEUE_CLASSES, QueueClass
from store.reconcile import Reconcile
from store.record import Record
from store.release import Release
from store.renew import Renew
from store.statistics import Statistics
from store.submit import Submission, Submit
from store.wake import Wake
from store.watch import Watch
from tests.support.wait import eventually

JOB = Job("def main():\n    return {}")
DONE = Outcome(result={"ok": True})
RAISED = Outcome(error=JobError(ErrorType.EXCEPTION, "ValueError: no"))

#: Seconds for which a final record is kept.
TTL = 60

_NUMBERS = count(1)


class Records:
    """Every script on `redis`. Leases last for ever, unless `lapsing` made the claim."""

    def __init__(self, redis: "Redis", *, running_max: int = 0, hint: str = "", **bounds: Any) -> None:
        self.redis = redis
        self.admit = Submit(redis, Admission(**bounds), hint=hint)
        self.claim = Claim(redis, ttl=TTL, hint=hint, running_max=running_max, lease=3600)
        self.claim_lapsing = Claim(redis, ttl=TTL, hint=hint, running_max=running_max, lease=0)
        self.renew = Renew(redis, lease=3600)
        self.finish = Finish(redis, self.claim, ttl=TTL, hint=hint)
        self.release = Release(redis, hint=hint)
        self.cancel = Cancel(redis, ttl=TTL, hint=hint)
        self.reconcile = Reconcile(redis, ttl=TTL, hint=hint, running_max=running_max, every=0)
        self.watch = Watch(redis)
        self.list = Listing(redis)
        self.statistics = Statistics(redis)

    def submit(
        self,
        name: str = "",
        *,
        owner: str = "",
        lane: QueueClass | None = None,
        job: Job = JOB,
        **fields: Any,
    ) -> str:
        """Queue one job; return its id, which begins with `name`."""
        one = Submission(f"{name}{next(_NUMBERS)}", job, lane or QueueClass())
        return self.admit([one], owner=owner, **fields)[0].id

    def take(self, *, lapsing: bool = False) -> Claimed:
        """Claim a job that must be there. lapsing: its lease is over at once."""
        claimed = self.claim_lapsing() if lapsing else self.claim()
        assert claimed is not None
        return claimed

    def read(self, job_id: str, owner: str = "") -> Record:
        """Return a record that must be there."""
        record = self.watch(job_id, owner=owner)
        assert record is not None
        return record

    def status(self, job_id: str, owner: str = "") -> Status:
        """Return the status of a job that must be there."""
        return self.read(job_id, owner).status

    def woken(self, reply: str) -> list[str]:
        """Return the ids that have arrived on a reply list."""
        return [Wake.from_list(text).job_id for text in self.redis.lrange(reply, 0, -1)]

    def hints(self) -> list[str]:
        """Take all messages off Celery's list, the oldest first."""
        return [str(message) for message in self.redis.rpop(keys.HINTS, 1000) or ()]

    def check(self) -> None:
        """RunningJob every collection against the records."""
        held = _Everything(self.redis)
        jobs = {key.removeprefix(keys.JOB): held[key] for key in held if key.startswith(keys.JOB)}
        by_status = {status: {i for i, job in jobs.items() if job["status"] == status} for status in Status}
        queued, running = by_status[Status.QUEUED], by_status[Status.RUNNING]
        assert held.ids(keys.QUEUED) == queued
        assert held.ids(keys.RUNNING) == running
        owners = {job["owner"] for job in jobs.values()}
        for owner in owners:
            own = {i for i, job in jobs.items() if job["owner"] == owner}
            assert held.ids(keys.owned(owner, "queued")) == queued & own
            assert held.ids(keys.owned(owner, "running")) == running & own
            assert held.ids(keys.owned(owner, "jobs")) == own
        waiting: Counter[str] = Counter()
        for lane in (lane.name for lane in QUEUE_CLASSES):
            rotation, capped = held.get(keys.rotation(lane), []), held.ids(keys.held(lane))
            assert len(set(rotation)) == len(rotation)
            assert not capped & set(rotation)
            for owner in owners:
                ids = held.get(keys.waiting(lane, owner), [])
                waiting.update(ids)
                assert bool(ids) == (owner in capped | set(rotation))
                assert all((jobs[i]["lane"], jobs[i]["owner"]) == (lane, owner) for i in ids)
        assert waiting == Counter(queued)
        final = {i for status in FINAL for i in by_status[status]}
        assert held.ids(keys.KEPT) == {f"{i} {jobs[i]['owner']}" for i in final}
        for job_id, job in jobs.items():
            assert (keys.job(job_id) in held.expiring) == (job_id in final)
            assert ("job" in job) != (job_id in final)
            assert not (job_id in final and keys.waiters(job_id) in held)


def ended(records: Records, job_id: str, *, owner: str = "", within: float = 30) -> Outcome:
    """Wait for the end of a job and return its outcome."""
    eventually(lambda: records.status(job_id, owner).final, within=within, what="the job has ended")
    outcome = records.read(job_id, owner).outcome
    assert outcome is not None
    return outcome


def waits(redis: "Redis") -> bool:
    """Say whether some client waits for a message."""
    return any(client["cmd"] == "brpop" and "b" in client["flags"] for client in redis.client_list())


class _Everything(dict[str, Any]):
    """Every key of a Redis with what it holds, and which of them expire."""

    _READ: Final[dict[str, Callable[[Any, str], object]]] = {
        "hash": lambda pipeline, name: pipeline.hgetall(name),
        "list": lambda pipeline, name: pipeline.lrange(name, 0, -1),
        "set": lambda pipeline, name: pipeline.smembers(name),
        "zset": lambda pipeline, name: pipeline.zrange(name, 0, -1),
        "string": lambda pipeline, name: pipeline.get(name),
    }

    def __init__(self, redis: "Redis") -> None:
        names = [str(name) for name in redis.scan_iter(count=1000)]
        with redis.pipeline() as pipeline:
            for name in names:
                pipeline.type(name)
                pipeline.ttl(name)
            told = pipeline.execute()
            kinds, ttls = told[::2], told[1::2]
            for name, kind in zip(names, kinds, strict=True):
                self._READ[kind](pipeline, name)
            super().__init__(zip(names, pipeline.execute(), strict=True))
        self.expiring = {name for name, ttl in zip(names, ttls, strict=True) if ttl >= 0}

    def ids(self, name: str) -> set[str]:
        """Return the members of a set or a sorted set."""
        return set(self.get(name, ()))
