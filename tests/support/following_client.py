"""A client that follows the output of a job."""

from contextlib import suppress
from dataclasses import dataclass, field

from redis import RedisError

from jobs.stream import Stream
from store.job_store import JobStore
from store.progress import Position, Progress
from tests.support.wait import eventually


@dataclass
class FollowingClient:
    """What a client knows of a job: a run, and the text of both outputs."""

    job_id: str
    run: int = 0
    texts: dict[Stream, str] = field(default_factory=lambda: dict.fromkeys(Stream, ""))

    @property
    def position(self) -> Position:
        return Position(self.run, *(len(self.texts[stream].encode()) for stream in Stream))

    def copy(self) -> "FollowingClient":
        return FollowingClient(self.job_id, self.run, dict(self.texts))

    def take(self, progress: Progress, events: int) -> None:
        """Add at most so many chunks, as a client does whose connection ends in between."""
        if progress.run != self.run:
            assert progress.run > self.run
            self.run, self.texts = progress.run, dict.fromkeys(Stream, "")
        for chunk in progress.chunks[:events]:
            assert chunk.offset == len(self.texts[chunk.stream].encode())
            self.texts[chunk.stream] += chunk.text

    def read(self, store: JobStore) -> Progress:
        """Read all output so far."""
        with store.follow(self.job_id) as follower:
            while progress := follower.read(self.position):
                self.take(progress, len(progress.chunks))
                if not progress.more:
                    return progress
        raise AssertionError("there is no such job")

    def until(self, store: JobStore, stdout: str, stderr: str = "") -> None:
        """Read until there is this output. Redis may be away meanwhile."""

        def is_there() -> bool:
            with suppress(RedisError):
                self.read(store)
            return list(self.texts.values()) == [stdout, stderr]

        eventually(is_there, within=20, what=f"the output is {stdout[:99]!r} and {stderr[:99]!r}")
