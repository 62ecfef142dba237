"""Followers: clients that read the output of a job while the job runs."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial

from jobs.limits import OUTPUT_BYTES
from jobs.status import Status
from jobs.stream import Stream
from store.progress import Chunk, Position, Progress
from store.records import Records
from store.scripts import Scripts
from store.wake_ups import Waiter, WakeUpListener


class Follower:
    """A client that follows one job."""

    def __init__(self, read: Callable[[Position], Progress | None], waiter: Waiter) -> None:
        """Follow a job.

        Args:
            read: Reads the progress of the job.
            waiter: Receives the wake-ups for the job.
        """
        self._read, self._waiter = read, waiter

    def read(self, position: Position) -> Progress | None:
        """Return the state of the job and its output after `position`, None if the owner has no such job.

        Any position is accepted. The output of a later run is returned from its beginning.

        Raises:
            redis.RedisError: Redis does not answer.
            Busy: The job is final, its outcome is large, and too many reads of large outcomes wait.
        """
        return self._read(position)

    def wait(self, seconds: float) -> None:
        """Wait until something may have changed since the last read, or until the time is over."""
        self._waiter.wait_for_wake_up(seconds)

    def interrupt(self) -> None:
        """End the present wait, or else the next. Any thread may call this."""
        self._waiter.wake()


class Followers:
    """Follows the jobs of this process's clients."""

    def __init__(self, listener: WakeUpListener, scripts: Scripts, records: Records) -> None:
        """Make the script; nothing is sent yet.

        Args:
            listener: The wake-ups of this process.
            scripts: Makes the script.
            records: Reads the final records.
        """
        self._listener, self._records = listener, records
        self._follow = scripts.make("follow")

    @contextmanager
    def follow(self, job_id: str, *, owner: str = "") -> Iterator[Follower]:
        """Yield a follower of a job. It is woken at new output and when the job is final.

        A wake-up can be lost, so a follower also reads from time to time without one.

        Args:
            job_id: The job.
            owner: The owner of the job.
        """
        with self._listener.waiter(job_id, follows=True) as waiter:
            yield Follower(partial(self._read, job_id, owner), waiter)

    def _read(self, job_id: str, owner: str, position: Position) -> Progress | None:
        answer = self._follow(
            id=job_id,
            owner=owner,
            reply=self._listener.reply,
            run=position.run,
            # No output is longer, and Redis accepts no number of any size.
            bytes=min(position.stdout + position.stderr, 2 * OUTPUT_BYTES),
        )
        if not answer:
            return None
        status, run, more, *events = answer
        if Status(status).final:
            record = self._records.get(job_id, owner=owner)
            return Progress(record.status, run, record=record) if record else None
        known = position if position.run == run else Position(run)
        chunks = tuple(_continue((_chunk(fields) for _, fields in events), known))
        return Progress(Status(status), run, chunks, bool(more and chunks))


def _chunk(fields: list[str]) -> Chunk:
    event = dict(zip(fields[::2], fields[1::2], strict=True))
    return Chunk(Stream(event["stream"]), int(event["offset"]), event["text"])


def _continue(chunks: Iterable[Chunk], position: Position) -> Iterator[Chunk]:
    """Yield the chunks, without what a client at `position` has, up to the first gap.

    Redis may have lost an event, and a client may send any position. The outcome fills the gap.
    """
    ends = {Stream.STDOUT: position.stdout, Stream.STDERR: position.stderr}
    for chunk in chunks:
        end, data = ends[chunk.stream], chunk.text.encode()
        if chunk.offset > end:
            return
        if rest := data[end - chunk.offset :]:
            yield chunk if rest == data else Chunk(chunk.stream, end, rest.decode(errors="replace"))
            ends[chunk.stream] = chunk.offset + len(data)
