"""Submit jobs and wait for them, within the bounds of their owner."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Final, TypeVar
from uuid import uuid4

from api.environments import Environments
from api.errors import UnknownJob, Unsupported
from api.script_checks.checker import ScriptChecker
from config.settings import Settings
from jobs.environment import STDLIB
from jobs.files import File
from jobs.job import Job
from jobs.outcome import SandboxKind
from jobs.status import Status
from store.errors import IdempotencyConflict, QueueFull, RateLimited, StorageFull
from store.job_store import JobStore
from store.queue_class import QueueClass
from store.record import Record
from store.submission import Submission
from validation.errors import Rejection

_T = TypeVar("_T")

#: Seconds for which the service remembers the kinds of the workers' sandboxes.
_KINDS_TTL: Final = 2.0

#: Seconds that `POST /execute` waits in addition to the job's timeout, because the job may be queued first.
_GRACE: Final = 10.0


class JobService:
    """The operations of the routes on the job store.

    The methods raise redis.RedisError, StoreError and UnknownJob. The argument `abandoned` is a function that
    returns whether the client has left; if it has, the wait ends.
    """

    def __init__(self, store: JobStore, environments: Environments, settings: Settings) -> None:
        """Make the service without connecting to Redis."""
        self._store = store
        self._environments = environments
        self._execute_wait = settings.execute_wait
        # It holds names of API keys, so its size is bounded.
        self._refused_owners: set[str] = set()
        self._kinds: tuple[float, set[str]] = (-math.inf, set())
        self._checker = ScriptChecker(settings.key_check_cpu)

    def check_admission(self, jobs: int, owner: str, idempotency_key: str) -> None:
        """Raise RateLimited, QueueFull or StorageFull if the store would refuse this number of jobs now.

        The routes call this before they check the scripts, because a check may cost a process.
        Only an owner whose last submission was refused is checked here. For other owners the submission
        itself decides. A request with an idempotency key passes, because its jobs may exist already.
        """
        if owner in self._refused_owners and not idempotency_key:
            self._store.check_admission(jobs, owner=owner)

    def check(self, job: Job, owner: str) -> None:
        """Check the environment and the script of a job.

        Raises:
            UnknownEnvironment: There is no environment of this name.
            Unsupported: The job has files or artifacts, and a worker that may run it is restricted.
            Rejection: The script breaks a rule.
            TooManyChecks: The owner has used up its share of checks.
            CheckFailure: The script could not be checked.
        """
        modules = self._environments.modules(job.environment) | modules_of(job.files)
        # The restricted executor has no packages.
        kinds = self._sandbox_kinds() if job.environment == STDLIB else set()
        restricted = kinds == {SandboxKind.RESTRICTED}
        if (job.files or job.artifacts) and not kinds <= {SandboxKind.NSJAIL}:
            field = "files" if job.files else "artifacts"
            message = f"{field}: a worker of this service has the restricted executor, which has no {field}"
            raise Unsupported(message, field=field)
        try:
            self._checker.check(job.script, job.mode, owner, modules=modules, restricted=restricted)
        except Rejection as rejection:
            raise self._environments.with_hint(rejection) from None

    @contextmanager
    def submit_awaited(
        self, job: Job, queue_class: QueueClass, owner: str, idempotency_key: str
    ) -> Iterator[Callable[[Callable[[], bool]], Record]]:
        """Queue a job. Yield a function that returns its record once it is final or the wait is over.

        The function takes `abandoned`, which returns whether the client has left. It does not refer to the
        job, so that a waiting request does not keep the script in memory.
        """
        seconds = self._execute_wait or job.limits.timeout + _GRACE
        with ExitStack() as stack:
            with self._remembering_refusals(owner):
                wait = stack.enter_context(
                    self._store.submit_awaited(
                        Submission(uuid4().hex, job, queue_class),
                        owner=owner,
                        idempotency_key=idempotency_key,
                    )
                )
            del job
            yield lambda abandoned: known(wait(seconds, abandoned))

    def enqueue(
        self, jobs: Sequence[Job], classes: Sequence[QueueClass], owner: str, idempotency_key: str
    ) -> list[Record]:
        """Queue jobs and return their records. A known idempotency key returns its earlier jobs instead.

        The outcomes of many earlier jobs could take hundreds of megabytes. The records have outcomes up to
        the size of a page of a listing. Later records have none.
        """
        submissions = [Submission(uuid4().hex, *one) for one in zip(jobs, classes, strict=True)]
        with self._remembering_refusals(owner):
            submitted = self._store.submit(submissions, owner=owner, idempotency_key=idempotency_key)
        records = [
            Record(one.id, Status.QUEUED, job.limits, one.created_ms, environment=job.environment)
            for one, job in zip(submitted, jobs, strict=True)
            if one.created_ms is not None
        ]
        return records or self._read_earlier([one.id for one in submitted], owner)

    def _read_earlier(self, ids: Sequence[str], owner: str) -> list[Record]:
        page = self._store.list(owner=owner, ids=ids, limit=len(ids))
        rest = ids[int(page.cursor) :] if page.cursor else []
        records = page.records + self._store.get_without_outcomes(rest, owner=owner)
        if len(records) < len(ids):
            # Some of the key's earlier jobs have expired, others have not.
            raise IdempotencyConflict(ids[0])
        return records

    def look_up(self, job_id: str, owner: str, wait: float, abandoned: Callable[[], bool]) -> Record:
        """Return the record of a job. First wait at most `wait` seconds until the job is final."""
        if not wait:
            return known(self._store.get(job_id, owner=owner))
        return known(self._store.wait(job_id, owner=owner, seconds=wait, abandoned=abandoned))

    @contextmanager
    def _remembering_refusals(self, owner: str) -> Iterator[None]:
        try:
            yield
        except (RateLimited, QueueFull, StorageFull):
            self._refused_owners.add(owner)
            raise
        self._refused_owners.discard(owner)

    def _sandbox_kinds(self) -> set[str]:
        """Return the kinds of the workers' sandboxes, as of at most _KINDS_TTL seconds ago.

        If no worker is registered, the workers that were seen last decide: they may be restarting.
        """
        read_at, kinds = self._kinds
        if time.monotonic() - read_at >= _KINDS_TTL:
            registered = {worker.sandbox for worker in self._store.workers()}
            # An answer without workers is not remembered: the first worker may register at any moment.
            read_at = time.monotonic() if registered else -math.inf
            kinds = registered or kinds
            self._kinds = read_at, kinds
        return kinds


def modules_of(files: Sequence[File]) -> frozenset[str]:
    """Return the top-level modules that a script can import because they are among its files."""
    sources = (one.path for one in files if one.path.endswith(".py"))
    return frozenset(path.partition("/")[0].removesuffix(".py") for path in sources)


def known(found: _T | None) -> _T:
    """Return what was found of a job; raise UnknownJob if there is none."""
    if found is None:
        raise UnknownJob("there is no such job, or no longer")
    return found
