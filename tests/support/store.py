"""A job store under test: short methods to use it, and a check of its data that must always pass."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import count
from typing import Any, Final
from uuid import uuid4

from redis import Redis
from redis.client import NEVER_DECODE

from config.redis import connect
from jobs.environment import STDLIB
from jobs.files import Artifact
from jobs.job import Job
from jobs.outcome import ErrorType, JobError, Outcome
from jobs.status import FINAL, Status
from store import keys
from store.claims import Claimed
from store.config import StoreConfig
from store.job_store import JobStore
from store.lua_source import FILE_BYTES, IDEMPOTENCY_BYTES, RECORD_BYTES
from store.queue_class import QUEUE_CLASSES, QueueClass
from store.record import Record
from store.submission import Submission
from tests.support.stored_outcome import decoded
from tests.support.wait import eventually

JOB = Job("def main():\n    return {}")
DONE = Outcome(result={"ok": True})
RAISED = Outcome(error=JobError(ErrorType.EXCEPTION, "ValueError: no"))

#: Seconds that a final record is kept.
TTL = 60

_NUMBERS = count(1)


class StoreHarness:
    """A job store and a plain client of the same Redis. By default leases last for an hour."""

    def __init__(
        self,
        url: str,
        *,
        environments: Sequence[str] = (STDLIB,),
        notification: str = "",
        block: float = 2.0,
        **bounds: Any,
    ) -> None:
        config = replace(StoreConfig(result_ttl=TTL, lease=3600, reconcile_every=0), **bounds)
        self.url = url
        self.redis: Redis = connect(url)
        self._wake_ups: dict[str, list[str]] = {}
        self._pubsub = self.redis.pubsub()  # type: ignore[no-untyped-call]
        self._marker = f"marker:{uuid4().hex}"
        self._pubsub.psubscribe("*")
        self._pubsub.get_message(timeout=10)
        self.store = JobStore(url, config, environments=environments, notification=notification, block=block)
        #: The same store, but the leases of its claims lapse at once.
        self.lapsing = JobStore(
            url, replace(config, lease=0), environments=environments, notification=notification
        )

    def close(self) -> None:
        for one in (self._pubsub, self.store, self.lapsing, self.redis):
            one.close()

    def submit(
        self,
        name: str = "",
        *,
        owner: str = "",
        queue_class: QueueClass | None = None,
        job: Job = JOB,
        **fields: Any,
    ) -> str:
        """Queue one job; return its id, which begins with `name`."""
        one = Submission(f"{name}{next(_NUMBERS)}", job, queue_class or QueueClass())
        return self.store.submit([one], owner=owner, **fields)[0].id

    def take(self, *, lapsing: bool = False) -> Claimed:
        """Claim a job, which must be queued.

        Args:
            lapsing: Whether the lease lapses at once.
        """
        claimed = (self.lapsing if lapsing else self.store).claim()
        assert claimed is not None
        return claimed

    def read(self, job_id: str, owner: str = "") -> Record:
        """Return the record of a job, which must exist."""
        record = self.store.get(job_id, owner=owner)
        assert record is not None
        return record

    def status(self, job_id: str, owner: str = "") -> Status:
        """Return the status of a job, which must exist."""
        return self.read(job_id, owner).status

    def queued(self) -> int:
        """Return how many jobs are queued in all classes."""
        return sum(self.store.statistics().queued.values())

    def bytes_of(self, owner: str) -> tuple[int, int]:
        """Return the bytes of an owner's jobs that are not final, and of its final jobs."""
        active, kept = self.redis.hmget(keys.of_owner(owner, "bytes"), "active", "kept")
        return int(active or 0), int(kept or 0)

    def expire(self, job_id: str) -> None:
        """Let the record of a final job expire. Its idempotency key, which other jobs may share, stays."""
        size, owner = self.redis.hmget(keys.job(job_id), "bytes", "owner")
        self.redis.delete(keys.job(job_id), keys.artifacts(job_id))
        self.redis.zadd(keys.FINAL, {f"{job_id} {size} {owner}": 0})  # type: ignore[str-bytes-safe]

    def waiters(self, job_id: str) -> list[str]:
        """Return the reply channels that are registered for the end of a job."""
        return waiters_of(self.redis, job_id)

    def forget_waiters(self, job_id: str) -> None:
        """Delete the reply channels that are registered for the end of a job."""
        self.redis.hset(keys.job(job_id), "waiters", "")

    def woken(self, reply: str) -> list[str]:
        """Return the job ids of all wake-ups on a reply channel so far."""
        return [json.loads(text)[0] for text in self.wake_ups(reply)]

    def wake_ups(self, reply: str) -> list[str]:
        """Return the texts of all wake-ups on a reply channel so far."""
        self._read_wake_ups()
        return self._wake_ups.get(reply, [])

    def _read_wake_ups(self) -> None:
        # Redis delivers in order, so this message comes after every wake-up published before it.
        self.redis.publish(self._marker, "")
        while (message := self._pubsub.get_message(timeout=10)).get("channel") != self._marker:
            if message["type"] == "pmessage":
                self._wake_ups.setdefault(message["channel"], []).append(message["data"])

    def take_notifications(self, environment: str = STDLIB) -> list[str]:
        """Remove and return all messages on Celery's list for an environment, the oldest first."""
        return [str(message) for message in self.redis.rpop(keys.notifications(environment), 1000) or ()]

    def check(self) -> None:
        """Compare every collection with the records."""
        found = _Everything(self.redis)
        jobs = {key.removeprefix(keys.JOB): found[key] for key in found if key.startswith(keys.JOB)}
        by_status = {status: {i for i, job in jobs.items() if job["status"] == status} for status in Status}
        queued, running = by_status[Status.QUEUED], by_status[Status.RUNNING]
        assert found.ids(keys.QUEUED) == queued
        assert found.ids(keys.RUNNING) == running
        unfinished = queued | running
        owners = {job["owner"] for job in jobs.values()}
        for owner in owners:
            own = {i for i, job in jobs.items() if job["owner"] == owner}
            # Nothing bounds the owner '', so nothing is counted for it.
            assert found.ids(keys.of_owner(owner, "running")) == (running & own if owner else set())
            assert found.ids(keys.of_owner(owner, "jobs")) == own
            active, kept = (
                sum(int(jobs[i]["bytes"]) for i in ids) for ids in (own & unfinished, own - unfinished)
            )
            assert self.bytes_of(owner) == ((active, kept) if owner else (0, 0))
        self._check_queues(found, {i: jobs[i] for i in queued})
        final = {i for status in FINAL for i in by_status[status]}
        assert found.ids(keys.FINAL) == {f"{i} {jobs[i]['bytes']} {jobs[i]['owner']}" for i in final}
        for job_id, job in jobs.items():
            assert (keys.job(job_id) in found.expiring) == (job_id in final)
            assert ("job" in job) != (job_id in final)
            assert ("waiters" in job) != (job_id in final)
            extras = {keys.events(job_id), keys.followers(job_id)} & found.keys()
            assert not extras or (job_id in unfinished and "extras" in job)
            assert not (keys.events(job_id) in found and job_id in queued)
            # They expire even if nothing ends the job.
            assert extras <= found.expiring
            contents = self._content_bytes(found, job_id, job)
            entry = job.get("idempotency")
            data = sum(len(job.get(name, "").encode()) for name in ("job", "limits", "outcome"))
            assert int(job["bytes"]) == data + contents + RECORD_BYTES + (IDEMPOTENCY_BYTES if entry else 0)
            if entry:
                # The entry lives exactly as long as the last of its jobs.
                open_jobs = sum(i in unfinished for i in json.loads(found[entry]["ids"]))
                assert int(found[entry]["unfinished"]) == open_jobs
                assert (entry in found.expiring) == (open_jobs == 0)

    @staticmethod
    def _content_bytes(found: "_Everything", job_id: str, job: dict[str, str]) -> int:
        """Check which keys of files and artifacts there are, and return the bytes that they take."""
        final = Status(job["status"]).final
        files, artifacts = found.get(keys.files(job_id), {}), found.get(keys.artifacts(job_id), {})
        named = [] if final else json.loads(job["job"]).get("files", [])
        assert {path: len(content) for path, content in files.items()} == {
            one["path"].encode(): one["size"] for one in named
        }
        outcome = json.loads(job.get("outcome", "{}"))
        listed = {one["path"].encode(): one for one in outcome.get("artifacts", []) if one["sha256"]}
        contents = {path: content for path, content in artifacts.items() if not path.startswith(b"/")}
        assert not contents or {path: one["size"] for path, one in listed.items()} == {
            path: len(content) for path, content in contents.items()
        }
        for path, one in listed.items() if contents else ():
            assert artifacts[b"/" + path] == one["sha256"].encode()
        for key in (keys.files(job_id), keys.artifacts(job_id)):
            assert (key in found) == (key in found.expiring)
        return sum(
            FILE_BYTES + len(path) + len(content) for path, content in [*files.items(), *contents.items()]
        )

    def _check_queues(self, found: "_Everything", queued: dict[str, dict[str, str]]) -> None:
        """Compare the queues of each owner, the rotations and the capped owners with the queued jobs."""
        owners = {job["owner"] for job in queued.values()}
        parts = Counter((job.get("environment", STDLIB), job["owner"]) for job in queued.values())
        for environment, owner in parts:
            own = {
                i
                for i, job in queued.items()
                if (job.get("environment", STDLIB), job["owner"]) == (environment, owner)
            }
            queue = found[keys.of_owner(owner, "queue", environment)]
            assert queue == sorted(own, key=lambda i: self._place(queued[i]))
        of_others = [key for key in found if key.startswith(keys.OWNER) and ":queue" in key]
        assert len(of_others) == len(parts)
        capped = found.ids(keys.CAPPED)
        assert capped <= owners
        rotations = {key.removeprefix(keys.ROTATION): key for key in found if key.startswith(keys.ROTATION)}
        present = {(environment, owner) for environment, key in rotations.items() for owner in found[key]}
        assert present == {(environment, owner) for environment, owner in parts if owner not in capped}
        for owner in owners - capped:
            turns = {self.redis.zscore(keys.rotation(each), owner) for each, one in present if one == owner}
            assert len(turns) == 1
        others = Counter(environment for environment, _ in parts.elements() if environment != STDLIB)
        assert found.get(keys.QUEUED_ENVIRONMENTS, {}) == {
            name: str(number) for name, number in others.items()
        }

    @staticmethod
    def _place(job: dict[str, str]) -> tuple[int, int]:
        return [one.name for one in QUEUE_CLASSES].index(job["class"]), int(job["sequence"])


def artifact(path: str, content: bytes) -> Artifact:
    """Return an artifact that is kept."""
    return Artifact(path, len(content), sha256(content).hexdigest(), content)


#: The type of the fixture `make_harness`.
MakeHarness = Callable[..., StoreHarness]


def outcome_of(harness: StoreHarness, job_id: str, *, owner: str = "", within: float = 30) -> Outcome:
    """Wait until a job is final and return its outcome."""
    eventually(lambda: harness.status(job_id, owner).final, within=within, what="the job is final")
    return decoded(harness.read(job_id, owner).outcome)


def waiters_of(redis: "Redis", job_id: str) -> list[str]:
    """Return the reply channels that are registered for the end of a job."""
    return str(redis.hget(keys.job(job_id), "waiters") or "").split()


def has_waiting_client(redis: "Redis") -> bool:
    """Return whether a client waits for a notification."""
    return any(client["cmd"] == "brpop" and "b" in client["flags"] for client in redis.client_list())


class _Everything(dict[str, Any]):
    """Every key of a Redis with its content, and the set of the keys that expire."""

    _READ: Final[dict[str, Callable[[Any, str], object]]] = {
        "hash": lambda pipeline, name: pipeline.hgetall(name),
        "list": lambda pipeline, name: pipeline.lrange(name, 0, -1),
        "set": lambda pipeline, name: pipeline.smembers(name),
        "zset": lambda pipeline, name: pipeline.zrange(name, 0, -1),
        "string": lambda pipeline, name: pipeline.get(name),
        "stream": lambda pipeline, name: pipeline.xrange(name),
    }

    def __init__(self, redis: "Redis") -> None:
        every = [str(name) for name in redis.scan_iter(count=1000)]
        # The contents of files are no text.
        contents = [name for name in every if name.startswith((keys.FILES, keys.ARTIFACTS))]
        names = [name for name in every if name not in contents]
        with redis.pipeline() as pipeline:
            for name in names:
                pipeline.type(name)
                pipeline.ttl(name)
            answers = pipeline.execute()
            kinds, ttls = answers[::2], answers[1::2]
            for name, kind in zip(names, kinds, strict=True):
                self._READ[kind](pipeline, name)
            super().__init__(zip(names, pipeline.execute(), strict=True))
        self.expiring = {name for name, ttl in zip(names, ttls, strict=True) if ttl >= 0}
        for name in contents:
            self[name] = redis.execute_command("HGETALL", name, **{NEVER_DECODE: True})  # type: ignore[no-untyped-call]
            if redis.ttl(name) >= 0:
                self.expiring.add(name)

    def ids(self, name: str) -> set[str]:
        """Return the members of a set or a sorted set."""
        return set(self.get(name, ()))
