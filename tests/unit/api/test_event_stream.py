"""The events of a job, made from its progress: never a gap, never a double."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis import RedisError

from api.event_stream import HEARTBEAT, next_events, stream_events
from api.events import EventName, Known
from jobs.limits import Limits
from jobs.outcome import Outcome
from jobs.status import Status
from jobs.stream import Stream
from store.errors import Busy
from store.progress import Chunk, Position, Progress
from store.record import Record
from store.serialisation import decode_outcome, encode_outcome

LIMITS = Limits(5, 5, 256, 32)


def _record(status: Status, outcome: Outcome | None = None) -> Record:
    stored = decode_outcome(encode_outcome(outcome).encode()) if outcome else None
    return Record("j", status, LIMITS, 1, outcome=stored)


@dataclass
class FakeJob:
    """A job whose output a test writes, and a follower of it as the store's. A wait moves the clock."""

    status: Status = Status.QUEUED
    run: int = 0
    chunks: list[Chunk] = field(default_factory=list)
    record: Record | None = None
    most: int = 3
    waits: list[float] = field(default_factory=list)
    now: float = 0.0

    def text(self, stream: Stream) -> str:
        return "".join(chunk.text for chunk in self.chunks if chunk.stream is stream)

    def write(self, stream: Stream, text: str) -> None:
        self.chunks.append(Chunk(stream, len(self.text(stream).encode()), text))

    def begin(self) -> None:
        self.status, self.run, self.chunks = Status.RUNNING, self.run + 1, []

    def requeue(self) -> None:
        self.status, self.run, self.chunks = Status.QUEUED, self.run + 1, []

    def end(self) -> None:
        self.status = Status.SUCCEEDED
        outcome = Outcome(result={}, stdout=self.text(Stream.STDOUT), stderr=self.text(Stream.STDERR))
        self.record = _record(self.status, outcome)

    def read(self, position: Position) -> Progress:
        if self.record:
            return Progress(self.status, self.run, record=self.record)
        after = position if position.run == self.run else Position(self.run)
        new = [
            chunk
            for chunk in self.chunks
            if chunk.offset >= (after.stdout if chunk.stream is Stream.STDOUT else after.stderr)
        ]
        return Progress(self.status, self.run, tuple(new[: self.most]), len(new) > self.most)

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


@dataclass
class Client:
    """A client that reads events, and connects again with the id of the last one."""

    id: str = ""
    output: dict[str, str] = field(default_factory=lambda: {"stdout": "", "stderr": ""})
    names: list[str] = field(default_factory=list)
    done: dict[str, Any] | None = None

    @property
    def known(self) -> Known:
        return Known.from_id(self.id) if self.id else Known()

    def receive(self, data: bytes) -> None:
        *events, _unfinished = data.split(b"\n\n")
        for event in (complete.decode() for complete in events):
            fields = dict(line.partition(": ")[::2] for line in event.split("\n"))
            if "event" in fields:
                self._handle(fields["event"], json.loads(fields["data"]))
                self.id = fields["id"]

    def _handle(self, name: str, data: dict[str, Any]) -> None:
        assert self.done is None
        self.names.append(name)
        match name:
            case "restarted":
                assert any(self.output.values())
                self.output = {"stdout": "", "stderr": ""}
            case "stdout" | "stderr":
                assert data["offset"] == len(self.output[name].encode())
                self.output[name] += data["text"]
            case "done":
                self.done = data


def _stream(job: FakeJob, known: Known, **options: Any) -> Iterator[bytes]:
    options = {
        "forget_request": lambda: None,
        "turn": nullcontext,
        "ended": lambda: False,
        "clock": lambda: job.now,
        **options,
    }
    return stream_events("j", job, known, job.read(known.position), **options)


TEXTS = st.text(alphabet="aé€😀\n\r\u2028", min_size=1, max_size=8)
STEPS = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(Stream), TEXTS),
    st.sampled_from([("begin",), ("requeue",), ("connect",), ("read",), ("read",)]),
    st.tuples(st.just("cut"), st.floats(0, 1)),
)


@settings(deadline=None)
@given(st.lists(STEPS, max_size=30), st.lists(st.floats(0, 1), max_size=3))
def test_client_has_all_output_once_however_often_its_stream_is_cut(
    steps: list[Any], cuts: list[float]
) -> None:
    job, client = FakeJob(), Client()
    events = _stream(job, client.known)
    for step, *more in [*steps, ("end",)]:
        match step:
            case "write" if job.status is Status.RUNNING:
                job.write(*more)
            case "begin" if job.status is Status.QUEUED:
                job.begin()
            case "requeue" if job.status is Status.RUNNING:
                job.requeue()
            case "connect":
                events = _stream(job, client.known)
            case "read":
                client.receive(next(events))
            case "cut":
                # The connection breaks in the middle of what the API sends.
                data = next(events)
                client.receive(data[: int(len(data) * more[0])])
                events = _stream(job, client.known)
            case "end":
                job.end()
    for part in cuts:
        data = next(events)
        client.receive(data[: int(len(data) * part)])
        if client.done:
            break
        events = _stream(job, client.known)
    for data in events:
        client.receive(data)
    assert client.done is not None
    assert client.done["status"] == "succeeded"
    assert client.output == {name: client.done[name] for name in ("stdout", "stderr")}
    assert client.known.status is Status.SUCCEEDED


def test_stream_begins_with_the_state_and_ends_with_the_job() -> None:
    job, client = FakeJob(), Client()
    events = _stream(job, Known())
    client.receive(first := next(events))
    assert first.startswith(b"retry: 1000\nevent: status\n")
    job.begin()
    job.write(Stream.STDOUT, "hi")
    client.receive(next(events))
    job.end()
    client.receive(b"".join(events))
    assert client.names == ["status", "status", "stdout", "done"]
    assert client.id == "1-2-0-succeeded"


def test_stream_of_a_final_job_has_its_outputs_and_the_job() -> None:
    job, client = FakeJob(), Client()
    job.status = Status.RUNNING
    job.write(Stream.STDERR, "no")
    job.write(Stream.STDOUT, "hi")
    job.end()
    client.receive(b"".join(_stream(job, Known())))
    assert client.names == ["stdout", "stderr", "done"]
    assert client.done == json.loads(json.dumps(client.done))


def test_stream_says_that_it_restarted_only_when_the_client_has_void_output() -> None:
    new = Progress(Status.RUNNING, 2, (Chunk(Stream.STDOUT, 0, "b"),))
    had = Known(Position(1, 1, 0), Status.RUNNING)
    assert [event.name for event in next_events("j", had, new)] == ["restarted", "stdout"]
    had_none = Known(Position(1, 0, 0), Status.RUNNING)
    assert [event.name for event in next_events("j", had_none, new)] == ["stdout"]


def test_stream_keeps_its_output_when_the_job_is_cancelled() -> None:
    known = Known(Position(1, 4, 0), Status.RUNNING)
    progress = Progress(Status.CANCELLED, 1, record=_record(Status.CANCELLED))
    [event] = next_events("j", known, progress)
    assert (event.name, event.data["stdout"], event.known.to_id()) == ("done", None, "1-4-0-cancelled")


@pytest.mark.parametrize(
    "known", [Position(1, 3, 0), Position(1, 999_999_999, 999_999_999), Position(7, 1, 1)]
)
def test_stream_ends_with_the_job_whatever_position_a_client_sends(known: Position) -> None:
    job = FakeJob()
    job.begin()
    job.write(Stream.STDOUT, "ä€😀")
    job.end()
    events = list(next_events("j", Known(known, Status.RUNNING), job.read(known)))
    assert events[-1].name is EventName.DONE


def test_text_of_an_event_is_bounded() -> None:
    progress = Progress(Status.RUNNING, 1, (Chunk(Stream.STDOUT, 0, "€" * 50_000),))
    events = list(next_events("j", Known(Position(1), Status.RUNNING), progress))
    texts = [event.data["text"] for event in events]
    assert "".join(texts) == "€" * 50_000
    assert max(len(text.encode()) for text in texts) <= 65_536
    assert [event.data["offset"] for event in events] == [0, 65_535, 131_070]


def test_comment_is_sent_after_a_silence() -> None:
    job = FakeJob()
    events = _stream(job, Known())
    next(events)
    assert next(events) == b":\n"
    assert sum(job.waits) == HEARTBEAT


@pytest.mark.parametrize("error", [RedisError(), Busy(1.0)])
def test_stream_goes_on_when_a_read_fails(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    job, client = FakeJob(), Client()
    events = _stream(job, Known())
    client.receive(next(events))
    read, failures = job.read, [error, error]

    def failing(position: Position) -> Progress:
        if failures:
            raise failures.pop()
        job.begin()
        job.end()
        return read(position)

    monkeypatch.setattr(job, "read", failing)
    client.receive(b"".join(events))
    assert client.names == ["status", "done"]
    assert job.waits == [HEARTBEAT, 1.0, 1.0]


def test_stream_ends_without_done_when_the_job_has_expired(monkeypatch: pytest.MonkeyPatch) -> None:
    job = FakeJob()
    events = _stream(job, Known())
    next(events)
    monkeypatch.setattr(job, "read", lambda _: None)
    assert list(events) == []


def test_stream_ends_without_another_read_when_its_client_has_left(monkeypatch: pytest.MonkeyPatch) -> None:
    job = FakeJob()
    events = _stream(job, Known(), ended=lambda: True)
    next(events)
    monkeypatch.setattr(job, "read", lambda _: pytest.fail("reads"))
    assert list(events) == []


def test_stream_reads_and_makes_its_events_in_its_turn_and_sends_them_after_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job, steps = FakeJob(), list[str]()

    @contextmanager
    def turn() -> Iterator[None]:
        steps.append("turn")
        yield
        steps.append("end")

    events = _stream(job, Known(), turn=turn)
    next(events)
    read = job.read

    def noted(position: Position) -> Progress:
        steps.append("read")
        return read(position)

    monkeypatch.setattr(job, "read", noted)
    job.begin()
    next(events)
    assert steps == ["turn", "read", "end"]


def test_stream_goes_on_when_its_turn_does_not_come() -> None:
    job = FakeJob()
    refusals: list[Exception] = [Busy(0.0)]

    @contextmanager
    def turn() -> Iterator[None]:
        if refusals:
            raise refusals.pop()
        yield

    events = _stream(job, Known(), turn=turn)
    next(events)
    job.begin()
    assert next(events) == b":\n"
    assert b"running" in next(events)
    assert job.waits == [HEARTBEAT, 1.0]
