"""State changes in random orders, compared with a model that is simple enough to verify by reading."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from jobs.environment import STDLIB
from jobs.files import File
from jobs.outcome import Outcome
from jobs.status import Status
from jobs.system_outcomes import ATTEMPTS, EXPIRED, LOST
from store import keys
from store.claims import Claimed
from store.errors import AlreadyFinal, StorageFull
from store.lua_source import FILE_BYTES, IDEMPOTENCY_BYTES, RECORD_BYTES
from store.queue_class import QUEUE_CLASSES, QueueClass
from store.serialisation import encode_job, encode_limits, encode_outcome
from store.submission import Submission
from tests.support.store import DONE, JOB, RAISED, StoreHarness, artifact

OWNERS = ["", "ann", "bob"]
ENVIRONMENTS = [STDLIB, "data", "geo"]
#: The environments of each worker.
WORKERS = [(STDLIB,), (STDLIB, "data"), ("geo", "data", STDLIB)]
FILE = File("in/data", b"\xff\0")
#: The jobs of `geo` have a file, and an artifact if they succeed.
JOBS = {
    environment: replace(JOB, environment=environment, files=(FILE,) if environment == "geo" else ())
    for environment in ENVIRONMENTS
}
OUTCOMES = {
    environment: replace(DONE, artifacts=(artifact("out", b"\xfe"),) if environment == "geo" else ())
    for environment in ENVIRONMENTS
}
CAP = 2
BYTES = 15_000
PASSED_MOST = 3


@dataclass
class Expected:
    """The expected state of a job."""

    number: int
    owner: str
    environment: str
    queue_class: QueueClass
    overdue: bool
    key: str
    status: Status = Status.QUEUED
    error: str | None = None
    token: int | None = None
    attempts: int = 0
    passed: int = 0
    lapsed: bool = False
    finished: tuple[int, Status] | None = None
    gone: bool = False

    @property
    def bytes(self) -> int:
        """What the record and the files take, besides the outcome."""
        job = JOBS[self.environment]
        files = sum(FILE_BYTES + len(one.path) + len(one.content) for one in job.files)
        input_bytes = 0 if self.status.final else len(encode_job(job)) + files
        return (
            RECORD_BYTES + len(encode_limits(JOB.limits)) + input_bytes + IDEMPOTENCY_BYTES * bool(self.key)
        )


@dataclass
class Model:
    jobs: dict[str, Expected] = field(default_factory=dict)
    #: The ids of each owner's queued jobs, the oldest first.
    queued: dict[str, list[str]] = field(default_factory=lambda: {owner: [] for owner in OWNERS})
    #: The turn of each owner with queued jobs, and those of them that have reached a maximum. A turn is the number of
    #: a claim or of a submission.
    turns: dict[str, int] = field(default_factory=dict)
    capped: set[str] = field(default_factory=set)
    numbers: Iterator[int] = field(default_factory=count)
    #: The bytes of each owner's final jobs.
    kept: Counter[str] = field(default_factory=Counter)

    def running(self, owner: str) -> int:
        return sum(job.status is Status.RUNNING and job.owner == owner for job in self.jobs.values())

    def queued_in(self, owner: str, environments: Sequence[str]) -> list[str]:
        """Return the ids of an owner's queued jobs in some environments, the oldest first."""
        return [i for i in self.queued[owner] if self.jobs[i].environment in environments]

    def rotation(self, *environments: str) -> list[str]:
        """Return the owners that have jobs queued in some environments, the next one first."""
        owners = [owner for owner in self.turns.keys() - self.capped if self.queued_in(owner, environments)]
        return sorted(owners, key=self.turns.__getitem__)

    def next_of(self, owner: str, environments: Sequence[str]) -> str:
        """Return the owner's next job: of the highest class the oldest, unless the oldest was passed too often."""
        queued = self.queued_in(owner, environments)
        first = min(queued, key=lambda i: QUEUE_CLASSES.index(self.jobs[i].queue_class))
        if first != queued[0]:
            self.jobs[queued[0]].passed += 1
            if self.jobs[queued[0]].passed > PASSED_MOST:
                return queued[0]
        return first

    def active(self, owner: str) -> int:
        """Return the bytes of an owner's jobs that are not final."""
        return sum(job.bytes for job in self.jobs.values() if job.owner == owner and not job.status.final)

    def is_at_maximum(self, owner: str) -> bool:
        return owner != "" and (self.running(owner) >= CAP or self.kept[owner] >= BYTES)

    def claim(self, environments: Sequence[str]) -> str | None:
        """Return the job whose turn it is in some environments, None if no job can run."""
        while rotation := self.rotation(*environments):
            owner = rotation[0]
            if self.is_at_maximum(owner):
                self.capped.add(owner)
                continue
            job_id = self.next_of(owner, environments)
            overdue = self.jobs[job_id].overdue
            if not overdue:
                self.turns[owner] = next(self.numbers)
            self.dequeue(job_id)
            if not overdue:
                return job_id
            self.finalize(job_id, EXPIRED)
        return None

    def dequeue(self, job_id: str) -> None:
        owner = self.jobs[job_id].owner
        self.queued[owner].remove(job_id)
        if not self.queued[owner]:
            del self.turns[owner]
            self.capped.discard(owner)

    def end(self, job_id: str, outcome: Outcome | None) -> None:
        """End a job with an outcome, or without one when it is cancelled."""
        job = self.jobs[job_id]
        if job.status is Status.QUEUED:
            self.dequeue(job_id)
        else:
            self.capped.discard(job.owner)
        self.finalize(job_id, outcome)

    def finalize(self, job_id: str, outcome: Outcome | None) -> None:
        job = self.jobs[job_id]
        job.token = None
        if outcome is None:
            job.status = Status.CANCELLED
        else:
            job.status = Status.FAILED if outcome.error else Status.SUCCEEDED
            job.error = outcome.error.type if outcome.error else None
        self.kept[job.owner] += job.bytes + (len(encode_outcome(outcome)) if outcome else 0)
        for one in outcome.artifacts if outcome else ():
            self.kept[job.owner] += FILE_BYTES + len(one.path) + one.size

    def put_back(self, job_id: str) -> None:
        job = self.jobs[job_id]
        self.capped.discard(job.owner)
        self.queued[job.owner] = sorted([*self.queued[job.owner], job_id], key=list(self.jobs).index)
        self.turns[job.owner] = min(job.number, self.turns.get(job.owner, job.number))
        job.status, job.token = Status.QUEUED, None


class StateMachine(RuleBasedStateMachine):
    """Submissions, workers and clients, one step at a time."""

    url = ""
    ids = Bundle("ids")
    claims = Bundle("claims")

    @initialize()
    def begin(self) -> None:
        self.harnesses = {
            environments: StoreHarness(
                self.url, environments=environments, key_running_max=CAP, key_bytes_max=BYTES
            )
            for environments in WORKERS
        }
        self.harness = self.harnesses[WORKERS[0]]
        self.overdue = StoreHarness(self.url, queue_ttl=0, key_bytes_max=BYTES)
        self.redis = self.harness.redis
        self.redis.flushall()
        self.model = Model()
        self.made = 0

    def teardown(self) -> None:
        for harness in (*self.harnesses.values(), self.overdue):
            harness.close()

    @rule(
        target=ids,
        queue_class=st.sampled_from(QUEUE_CLASSES),
        owner=st.sampled_from(OWNERS),
        environments=st.lists(st.sampled_from(ENVIRONMENTS), min_size=1, max_size=3),
        overdue=st.booleans(),
        with_key=st.booleans(),
    )
    def submit(
        self, queue_class: QueueClass, owner: str, environments: list[str], overdue: bool, with_key: bool
    ) -> Any:
        made = {f"job-{self.made + n:04}": environment for n, environment in enumerate(environments)}
        self.made += len(made)
        key = f"key of {self.made}" if with_key else ""
        harness = self.overdue if overdue else self.harness
        submissions = [Submission(job_id, JOBS[each], queue_class) for job_id, each in made.items()]
        jobs = {
            job_id: Expected(next(self.model.numbers), owner, each, queue_class, overdue, key)
            for job_id, each in made.items()
        }
        asked = sum(job.bytes for job in jobs.values())
        if owner and self.model.active(owner) + self.model.kept[owner] + asked > BYTES:
            with pytest.raises(StorageFull):
                harness.store.submit(submissions, owner=owner, idempotency_key=key)
            return multiple()
        harness.store.submit(submissions, owner=owner, reply="replies", idempotency_key=key)
        self.model.jobs |= jobs
        for job_id in made:
            self.model.turns.setdefault(owner, jobs[job_id].number)
            self.model.queued[owner].append(job_id)
        return multiple(*made)

    @rule(target=claims, environments=st.sampled_from(WORKERS), lapsing=st.booleans())
    def claim(self, environments: tuple[str, ...], lapsing: bool) -> Any:
        harness = self.harnesses[environments]
        return self._claimed((harness.lapsing if lapsing else harness.store).claim(), environments, lapsing)

    def _claimed(self, claimed: Claimed | None, environments: Sequence[str], lapsing: bool = False) -> Any:
        """Update the model for a claim, which must be the job whose turn it was."""
        assert (claimed.id if claimed else None) == self.model.claim(environments)
        if claimed is None:
            return multiple()
        job = self.model.jobs[claimed.id]
        job.attempts += 1
        assert claimed.attempt == job.attempts
        expected = JOBS[job.environment]
        assert (claimed.job, claimed.files) == (replace(expected, files=()), len(expected.files))
        job.status, job.token, job.lapsed = Status.RUNNING, claimed.token, lapsing
        return claimed

    @rule(claimed=claims)
    def renew(self, claimed: Claimed) -> None:
        wanted = self.model.jobs[claimed.id].token == claimed.token
        assert self.harness.store.renew(claimed.id, claimed.token) == wanted
        if wanted:
            self.model.jobs[claimed.id].lapsed = False

    @rule(claimed=claims)
    def read_files(self, claimed: Claimed) -> None:
        job = self.model.jobs[claimed.id]
        wanted = job.token == claimed.token
        assert self.harness.store.files(claimed.id, claimed.token) == (
            JOBS[job.environment].files if wanted else None
        )
        if wanted:
            job.lapsed = False

    @rule(
        target=claims,
        environments=st.sampled_from(WORKERS),
        claimed=claims,
        fails=st.booleans(),
        claim_next=st.booleans(),
    )
    def finish(self, environments: tuple[str, ...], claimed: Claimed, fails: bool, claim_next: bool) -> Any:
        job, status = self.model.jobs[claimed.id], Status.FAILED if fails else Status.SUCCEEDED
        outcome = RAISED if fails else OUTCOMES[job.environment]
        wanted = job.token == claimed.token
        again = job.finished == (claimed.token, status) and not job.gone
        store = self.harnesses[environments].store
        finished = store.finish(claimed.id, claimed.token, outcome, claim_next=claim_next)
        assert finished.counts == (wanted or again)
        if wanted:
            self.model.end(claimed.id, outcome)
            job.finished = (claimed.token, status)
        return self._claimed(finished.claimed, environments) if claim_next else multiple()

    @rule(claimed=consumes(claims))
    def release(self, claimed: Claimed) -> None:
        job = self.model.jobs[claimed.id]
        wanted = job.token == claimed.token
        assert self.harness.store.release(claimed.id, claimed.token) == wanted
        if wanted:
            job.attempts -= 1
            self.model.put_back(claimed.id)

    @rule(job_id=ids, owner=st.sampled_from([None, "eve"]))
    def cancel(self, job_id: str, owner: str | None) -> None:
        job = self.model.jobs[job_id]
        if owner is not None or job.gone:
            owner = owner or job.owner
            assert self.harness.store.cancel(job_id, owner=owner) is None
        elif job.status.final:
            with pytest.raises(AlreadyFinal):
                self.harness.store.cancel(job_id, owner=job.owner)
        else:
            record = self.harness.store.cancel(job_id, owner=job.owner)
            assert record is not None
            assert record.status is Status.CANCELLED
            self.model.end(job_id, None)

    @rule()
    def reconcile(self) -> None:
        jobs = self.model.jobs
        lapsed = [i for i, job in jobs.items() if job.status is Status.RUNNING and job.lapsed]
        lost = [i for i in lapsed if jobs[i].attempts >= ATTEMPTS]
        overdue = [i for i, job in jobs.items() if job.status is Status.QUEUED and job.overdue]
        done = self.harness.store.reconcile()
        assert done is not None
        assert (done.requeued, done.lost, done.expired) == (len(lapsed) - len(lost), len(lost), len(overdue))
        for job_id in lost:
            self.model.end(job_id, LOST)
        for job_id in overdue:
            self.model.end(job_id, EXPIRED)
        for job_id in set(lapsed) - set(lost):
            self.model.put_back(job_id)
        for owner in list(self.model.capped):
            if not self.model.is_at_maximum(owner):
                self.model.capped.discard(owner)

    @rule(job_id=ids)
    def expire(self, job_id: str) -> None:
        """Let the record of a final job expire, and its idempotency key with the last record."""
        job = self.model.jobs[job_id]
        if not job.status.final or job.gone:
            return
        size, entry = self.redis.hmget(keys.job(job_id), "bytes", "idempotency")
        self.harness.expire(job_id)
        job.gone = True
        self.model.kept[job.owner] -= int(size or 0)
        if entry and all(one.gone for one in self.model.jobs.values() if one.key == job.key):
            self.redis.delete(entry)
        self.reconcile()

    @invariant()
    def the_store_agrees_with_the_model(self) -> None:
        self.harness.check()
        for owner in OWNERS:
            own = [i for i, job in self.model.jobs.items() if job.owner == owner and not job.gone]
            records = self.harness.store.list(owner=owner, limit=1000).records
            assert sorted(record.id for record in records) == sorted(own)
            for record in records:
                job = self.model.jobs[record.id]
                assert record.environment == job.environment
                error = record.outcome.error if record.outcome else None
                assert (record.status, error.type if error else None) == (job.status, job.error)
            counted = (self.model.active(owner), self.model.kept[owner]) if owner else (0, 0)
            assert self.harness.bytes_of(owner) == counted
        for environment in ENVIRONMENTS:
            rotation = self.redis.zrange(keys.rotation(environment), 0, -1)
            assert rotation == self.model.rotation(environment)
        assert set(self.redis.zrange(keys.CAPPED, 0, -1)) == self.model.capped
        final = sorted(i for i, job in self.model.jobs.items() if job.status.final)
        assert sorted(self.harness.woken("replies")) == final
        statistics = self.harness.store.statistics()
        assert sum(statistics.queued.values()) == sum(map(len, self.model.queued.values()))
        assert statistics.running == sum(job.status is Status.RUNNING for job in self.model.jobs.values())
        ended = sum(n for name, n in statistics.counters.items() if name.startswith("finished:"))
        assert ended == len(final)


def test_store_agrees_with_the_model_after_any_order_of_steps(server_url: str) -> None:
    StateMachine.url = server_url
    every_step = settings(
        max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(StateMachine, settings=every_step)
