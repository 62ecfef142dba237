"""The heartbeat of a worker process: keeps the claim on the job it runs, and kills what is not wanted."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum

from redis import RedisError

from config.logging import about
from store.claim import Claimed
from store.renew import RENEW_EVERY
from worker.shutdown_state import ShutdownState

_log = logging.getLogger(__name__)


class AbortReason(StrEnum):
    """Why a job must not go on."""

    UNWANTED = "unwanted"
    HANDED_BACK = "handed back"


class RunningJob:
    """A job this process runs. verdict: why it must not go on, None while it may."""

    def __init__(self, claimed: Claimed) -> None:
        """Hold what was claimed."""
        self.claimed = claimed
        self.abort_reason: AbortReason | None = None


class LeaseKeeper:
    """One thread that looks at the job being run, if there is one, every RENEW_EVERY seconds.

    The thread never starts a process: a jail dies with the thread that started it, and that must be the
    one that waits for its end.
    """

    def __init__(
        self, renew: Callable[[str, int], bool], kill: Callable[[], None], stage: ShutdownState
    ) -> None:
        """Start.

        renew: prolongs a claim, or returns False. kill: makes the job being run vanish; it may come too
        early or too late, and then does nothing. stage: of the worker's stop.
        """
        self._renew, self._kill, self._stage = renew, kill, stage
        self._lock = threading.Lock()
        self._running: RunningJob | None = None
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        self._thread.start()

    @contextmanager
    def holding(self, claimed: Claimed) -> Iterator[RunningJob]:
        """Keep the claim for as long as the context lasts."""
        self._running = running = RunningJob(claimed)
        try:
            yield running
        finally:
            # The thread may be about to kill; what it would hit next is another job.
            with self._lock:
                self._running = None

    def close(self) -> None:
        """Stop the thread."""
        self._closed.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._closed.wait(RENEW_EVERY):
            if running := self._running:
                self._look_after(running)

    def _look_after(self, running: RunningJob) -> None:
        reason = running.abort_reason or self._reason_to_abort(running.claimed)
        if reason is None:
            return
        # Again at every beat until the job has ended: the first may have come before its processes did.
        with self._lock:
            if self._running is running:
                running.abort_reason = reason
                self._kill()

    def _reason_to_abort(self, claimed: Claimed) -> AbortReason | None:
        if self._stage.handing_back:
            return AbortReason.HANDED_BACK
        try:
            return None if self._renew(claimed.id, claimed.token) else AbortReason.UNWANTED
        except RedisError as error:
            # Nobody can overtake while Redis is away, and whoever has afterwards is noticed then.
            with about(claimed.id):
                _log.warning("job %s: its claim could not be renewed: %s", claimed.id, error)
            return None
