"""The lease of a running job: a thread renews it, and kills the job when the job must stop."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum

from redis import RedisError

from config.logging import job_context
from store.claims import Claimed
from worker.shutdown_state import ShutdownState

_log = logging.getLogger(__name__)


class AbortReason(StrEnum):
    """Why a running job must stop."""

    UNWANTED = "unwanted"
    HANDED_BACK = "handed back"


class RunningJob:
    """The job that this process runs.

    Attributes:
        claimed: The claim of the job.
        abort_reason: Why the job must stop, None until then.
        streamed_run: The run whose live output belongs to the outcome, None if there is none.
    """

    def __init__(self, claimed: Claimed) -> None:
        """Start without a reason to stop the job."""
        self.claimed = claimed
        self.abort_reason: AbortReason | None = None
        self.streamed_run: int | None = None


class LeaseKeeper:
    """A thread that renews the lease of the running job and kills the job when it must stop.

    The thread never starts a process. A jail dies with the thread that started it (PR_SET_PDEATHSIG), so the
    thread that waits for the jail's end must start it.
    """

    def __init__(
        self,
        renew: Callable[[str, int], bool],
        kill: Callable[[], None],
        shutdown: ShutdownState,
        *,
        every: float,
    ) -> None:
        """Start the thread.

        Args:
            renew: Prolongs the lease of a job id and token, or returns False if the job must stop.
            kill: Kills the running job. It may be called too early or too late, and then does nothing.
            shutdown: The shutdown state of the worker.
            every: Seconds between two renewals.
        """
        self._renew, self._kill, self._shutdown, self._every = renew, kill, shutdown, every
        self._lock = threading.Lock()
        self._running: RunningJob | None = None
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="lease", daemon=True)
        self._thread.start()

    @contextmanager
    def keep(self, claimed: Claimed) -> Iterator[RunningJob]:
        """Keep the lease of a job for as long as the context lasts."""
        self._running = running = RunningJob(claimed)
        try:
            yield running
        finally:
            # Under the lock: the thread may be about to kill this job, and would kill the next one instead.
            with self._lock:
                self._running = None

    def close(self) -> None:
        """Stop the thread."""
        self._closed.set()
        self._thread.join()

    def _loop(self) -> None:
        while not self._closed.wait(self._every):
            if running := self._running:
                self._check(running)

    def _check(self, running: RunningJob) -> None:
        reason = running.abort_reason or self._reason_to_abort(running.claimed)
        if reason is None:
            return
        # The thread repeats the kill until the job has ended: the first may precede the job's processes.
        with self._lock:
            if self._running is running:
                running.abort_reason = reason
                self._kill()

    def _reason_to_abort(self, claimed: Claimed) -> AbortReason | None:
        if self._shutdown.hands_back:
            return AbortReason.HANDED_BACK
        try:
            return None if self._renew(claimed.id, claimed.token) else AbortReason.UNWANTED
        except RedisError as error:
            # No worker can claim the job while Redis is down. The next renewal detects a claim made
            # afterwards.
            with job_context(claimed.id):
                _log.warning("job %s: its lease could not be renewed: %s", claimed.id, error)
            return None
