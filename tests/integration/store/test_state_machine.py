"""State changes in random orders, compared with a model that is simple enough to verify by reading."""

from dataclasses import dataclass, field
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

from jobs.status import Status
from jobs.system_outcomes import ATTEMPTS
from store import keys
from store.claims import Claimed
from store.errors import AlreadyFinal
from store.queue_class import QUEUE_CLASSES, Priority, QueueClass
from store.submission import Submission
from tests.support.store import DONE, JOB, RAISED, StoreHarness

OWNERS = ["", "ann", "bob"]
CAP = 2


@dataclass
class Expected:
    """The expected state of a job."""

    owner: str
    queue_class: QueueClass
    overdue: bool
    status: Status = Status.QUEUED
    error: str | None = None
    token: int | None = None
    attempts: int = 0
    lapsed: bool = False
    finished: tuple[int, Status] | None = None


@dataclass
class Model:
    jobs: dict[str, Expected] = field(default_factory=dict)
    #: Ids in each owner's part of each queue, the next one first.
    waiting: dict[tuple[QueueClass, str], list[str]] = field(default_factory=dict)

    def queue(self, queue_class: QueueClass, owner: str) -> list[str]:
        return self.waiting.setdefault((queue_class, owner), [])

    def running(self, owner: str) -> int:
        return sum(job.status is Status.RUNNING and job.owner == owner for job in self.jobs.values())

    def claimable(self, priority: Priority) -> dict[tuple[QueueClass, str], list[str]]:
        """Return the jobs that may be claimed, by class and owner."""
        found = {}
        for (queue_class, owner), ids in self.waiting.items():
            fresh = [i for i in ids if not self.jobs[i].overdue]
            if queue_class.priority is priority and fresh and (not owner or self.running(owner) < CAP):
                found[queue_class, owner] = fresh
        return found

    def end(self, job_id: str, status: Status, error: str | None = None) -> None:
        job = self.jobs[job_id]
        if job.status is Status.QUEUED:
            self.queue(job.queue_class, job.owner).remove(job_id)
        job.status, job.error, job.token = status, error, None

    def put_back(self, job_id: str) -> None:
        job = self.jobs[job_id]
        self.queue(job.queue_class, job.owner).insert(0, job_id)
        job.status, job.token = Status.QUEUED, None


class StateMachine(RuleBasedStateMachine):
    """Submissions, workers and clients, one step at a time."""

    url = ""
    ids = Bundle("ids")
    claims = Bundle("claims")

    @initialize()
    def begin(self) -> None:
        self.harness = StoreHarness(self.url, key_running_max=CAP)
        self.overdue = StoreHarness(self.url, queue_ttl=0)
        self.redis = self.harness.redis
        self.redis.flushall()
        self.model = Model()

    def teardown(self) -> None:
        self.harness.close()
        self.overdue.close()

    @rule(
        target=ids,
        queue_class=st.sampled_from(QUEUE_CLASSES),
        owner=st.sampled_from(OWNERS),
        number=st.integers(1, 3),
        overdue=st.booleans(),
    )
    def submit(self, queue_class: QueueClass, owner: str, number: int, overdue: bool) -> Any:
        made = range(len(self.model.jobs), len(self.model.jobs) + number)
        harness = self.overdue if overdue else self.harness
        done = harness.store.submit(
            [Submission(f"job-{n}", JOB, queue_class) for n in made], owner=owner, reply="replies"
        )
        for one in done:
            self.model.jobs[one.id] = Expected(owner, queue_class, overdue)
            self.model.queue(queue_class, owner).append(one.id)
        return multiple(*(one.id for one in done))

    @rule(target=claims, lapsing=st.booleans())
    def claim(self, lapsing: bool) -> Any:
        return self._claimed((self.harness.lapsing if lapsing else self.harness.store).claim(), lapsing)

    def _claimed(self, claimed: Claimed | None, lapsing: bool = False) -> Any:
        """Update the model for a claim, which must be the job whose turn it was."""
        choices = [found for priority in Priority if (found := self.model.claimable(priority))]
        if not choices:
            assert claimed is None
            self._forget_overdue()
            return multiple()
        assert claimed is not None
        job = self.model.jobs[claimed.id]
        assert choices[0][job.queue_class, job.owner][0] == claimed.id
        self._forget_overdue()
        self.model.queue(job.queue_class, job.owner).remove(claimed.id)
        job.attempts += 1
        assert claimed.attempt == job.attempts
        assert claimed.job == JOB
        job.status, job.token, job.lapsed = Status.RUNNING, claimed.token, lapsing
        return claimed

    def _forget_overdue(self) -> None:
        """Update the model for overdue jobs that the last claim has ended."""
        for ids in list(self.model.waiting.values()):
            for job_id in [i for i in ids if self.model.jobs[i].overdue]:
                if self.harness.status(job_id, self.model.jobs[job_id].owner) is Status.FAILED:
                    self.model.end(job_id, Status.FAILED, "expired")

    @rule(claimed=claims)
    def renew(self, claimed: Claimed) -> None:
        wanted = self.model.jobs[claimed.id].token == claimed.token
        assert self.harness.store.renew(claimed.id, claimed.token) == wanted
        if wanted:
            self.model.jobs[claimed.id].lapsed = False

    @rule(target=claims, claimed=claims, fails=st.booleans(), claim_next=st.booleans())
    def finish(self, claimed: Claimed, fails: bool, claim_next: bool) -> Any:
        job, status = self.model.jobs[claimed.id], Status.FAILED if fails else Status.SUCCEEDED
        wanted, again = job.token == claimed.token, job.finished == (claimed.token, status)
        finished = self.harness.store.finish(
            claimed.id, claimed.token, RAISED if fails else DONE, claim_next=claim_next
        )
        assert finished.counts == (wanted or again)
        if wanted:
            self.model.end(claimed.id, status, "exception" if fails else None)
            job.finished = (claimed.token, status)
        return self._claimed(finished.claimed) if claim_next else multiple()

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
        if owner is not None:
            assert self.harness.store.cancel(job_id, owner=owner) is None
        elif job.status.final:
            with pytest.raises(AlreadyFinal):
                self.harness.store.cancel(job_id, owner=job.owner)
        else:
            record = self.harness.store.cancel(job_id, owner=job.owner)
            assert record is not None
            assert record.status is Status.CANCELLED
            self.model.end(job_id, Status.CANCELLED)

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
            self.model.end(job_id, Status.FAILED, "sandbox_failure")
        for job_id in overdue:
            self.model.end(job_id, Status.FAILED, "expired")
        back = set(lapsed) - set(lost)
        for job_id in back:
            self.model.put_back(job_id)
        # Requeued jobs come before the others, in any order among themselves.
        for (queue_class, owner), ids in self.model.waiting.items():
            actual = [str(i) for i in self.redis.lrange(keys.queue(queue_class.name, owner), 0, -1)]
            front = len(back & set(ids))
            assert set(actual[:front]) == set(ids[:front])
            assert actual[front:] == ids[front:]
            ids[:] = actual

    @invariant()
    def the_store_agrees_with_the_model(self) -> None:
        self.harness.check()
        for owner in OWNERS:
            own = [i for i, job in self.model.jobs.items() if job.owner == owner]
            for record in self.harness.store.get_many(own, owner=owner):
                job = self.model.jobs[record.id]
                error = record.outcome.error if record.outcome else None
                assert (record.status, error.type if error else None) == (job.status, job.error)
        final = sorted(i for i, job in self.model.jobs.items() if job.status.final)
        assert sorted(self.harness.woken("replies")) == final
        statistics = self.harness.store.statistics()
        assert sum(statistics.queued.values()) == sum(map(len, self.model.waiting.values()))
        assert statistics.running == sum(job.status is Status.RUNNING for job in self.model.jobs.values())
        ended = sum(n for name, n in statistics.counters.items() if name.startswith("finished:"))
        assert ended == len(final)


def test_store_agrees_with_the_model_after_any_order_of_steps(server_url: str) -> None:
    StateMachine.url = server_url
    every_step = settings(
        max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(StateMachine, settings=every_step)
