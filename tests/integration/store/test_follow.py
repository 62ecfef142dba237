"""Clients follow the output of a running job, wherever they begin and whatever happens to the job."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from redis import ResponseError

from jobs.job import Job
from jobs.limits import OUTPUT_BYTES
from jobs.outcome import Outcome
from jobs.status import Status
from jobs.stream import Stream
from jobs.system_outcomes import sandbox_failure
from store import keys
from store.claims import Claimed
from store.followers import Follower
from store.progress import CHUNK_BYTES, Chunk, Position, Progress
from tests.support.store import DONE, JOB, MakeHarness, StoreHarness
from tests.support.wait import eventually

STREAMED = Job("print(1)", stream=True)
OUT, ERR = Stream.STDOUT, Stream.STDERR
START = Position()


@contextmanager
def following(harness: StoreHarness, job_id: str, *, owner: str = "") -> Iterator[Follower]:
    """Follow a job that exists; the follower is registered."""
    with harness.store.follow(job_id, owner=owner) as follower:
        assert follower.read(Position()) is not None
        yield follower


def start(harness: StoreHarness, *, owner: str = "", lapsing: bool = False) -> tuple[Claimed, int]:
    """Submit and claim a job, and begin its output."""
    harness.submit(job=STREAMED, owner=owner)
    return restart(harness, lapsing=lapsing)


def restart(harness: StoreHarness, *, lapsing: bool = False) -> tuple[Claimed, int]:
    """Claim a queued job, and begin its output."""
    claimed = harness.take(lapsing=lapsing)
    run = harness.store.begin_output(claimed.id, claimed.token)
    assert run is not None
    return claimed, run


def read(harness: StoreHarness, job_id: str, position: Position = START, owner: str = "") -> Progress:
    """Return the progress of a job, which must exist."""
    with harness.store.follow(job_id, owner=owner) as follower:
        progress = follower.read(position)
    assert progress is not None
    return progress


def append(harness: StoreHarness, claimed: Claimed, run: int, *chunks: Chunk) -> bool:
    return harness.store.append_output(claimed.id, claimed.token, run, chunks)


def test_read_returns_the_state_of_a_job_that_is_queued(harness: StoreHarness) -> None:
    assert read(harness, harness.submit(job=STREAMED)) == Progress(Status.QUEUED, 0)
    assert read(harness, harness.submit(job=JOB)) == Progress(Status.QUEUED, 0)
    harness.check()


def test_read_returns_none_when_the_owner_has_no_such_job(harness: StoreHarness) -> None:
    for job_id, owner in (("unknown", ""), (harness.submit(owner="ann", job=STREAMED), "bob")):
        with harness.store.follow(job_id, owner=owner) as follower:
            assert follower.read(Position()) is None
        assert not harness.redis.exists(keys.followers(job_id))
        assert not harness.waiters(job_id)


def test_read_returns_the_output_after_the_position_when_the_job_runs(harness: StoreHarness) -> None:
    claimed, run = start(harness, owner="ann")
    first, second, third = Chunk(OUT, 0, "é\n"), Chunk(ERR, 0, "no"), Chunk(OUT, 3, "more")
    assert append(harness, claimed, run, first, second)
    assert append(harness, claimed, run, third)

    def chunks(position: Position) -> tuple[Chunk, ...]:
        return read(harness, claimed.id, position, "ann").chunks

    assert chunks(Position()) == (first, second, third)
    assert chunks(Position(run, 3, 0)) == (second, third)
    assert chunks(Position(run, 3, 2)) == (third,)
    assert chunks(Position(run, 7, 2)) == ()
    assert read(harness, claimed.id, owner="ann") == Progress(
        Status.RUNNING, run, (first, second, third), more=False
    )
    harness.check()


@pytest.mark.parametrize(
    ("position", "texts"),
    [
        (Position(1, 2, 0), ["c", "XY"]),
        (Position(1, 3, 1), ["Y"]),
        (Position(1, 0, 5), []),
        (Position(1, 0, 2), ["abc"]),
        (Position(1, 10**20, 10**20), []),
        (Position(9, 3, 2), ["abc", "XY"]),
    ],
)
def test_read_neither_repeats_nor_skips_output_when_the_position_is_not_between_two_events(
    harness: StoreHarness, position: Position, texts: list[str]
) -> None:
    claimed, run = start(harness)
    assert append(harness, claimed, run, Chunk(OUT, 0, "abc"), Chunk(ERR, 0, "XY"))
    assert [chunk.text for chunk in read(harness, claimed.id, position).chunks] == texts


def test_read_stops_at_a_gap_when_redis_has_lost_an_event(harness: StoreHarness) -> None:
    claimed, run = start(harness)
    for offset, text in enumerate("abc"):
        assert append(harness, claimed, run, Chunk(OUT, offset, text))
    harness.redis.xdel(keys.events(claimed.id), f"{run}-2")
    progress = read(harness, claimed.id)
    assert [chunk.text for chunk in progress.chunks] == ["a"]
    assert read(harness, claimed.id, Position(run, 1, 0)) == Progress(Status.RUNNING, run)


def test_read_returns_bounded_pieces_until_there_is_no_more(harness: StoreHarness) -> None:
    claimed, run = start(harness)
    written = ["x" * CHUNK_BYTES, "é" * (CHUNK_BYTES // 2), *("y" * 150), "z" * (CHUNK_BYTES - 1)]
    offset = 0
    for text in written:
        assert append(harness, claimed, run, Chunk(OUT, offset, text))
        offset += len(text.encode())
    position, found, more = Position(run), list[str](), True
    while more:
        progress = read(harness, claimed.id, position)
        texts = [chunk.text for chunk in progress.chunks]
        size = len("".join(texts).encode())
        assert 0 < size <= CHUNK_BYTES
        assert len(texts) <= 100
        found += texts
        position, more = Position(run, position.stdout + size, 0), progress.more
    assert found == written


def test_read_returns_the_record_when_the_job_is_final(harness: StoreHarness) -> None:
    claimed, run = start(harness)
    append(harness, claimed, run, Chunk(OUT, 0, "a"))
    large = Outcome(result={}, stdout="a" * OUTPUT_BYTES)
    harness.store.finish(claimed.id, claimed.token, large, run=run)
    assert read(harness, claimed.id) == Progress(Status.SUCCEEDED, run, record=harness.read(claimed.id))
    assert not harness.redis.exists(keys.events(claimed.id), keys.followers(claimed.id))
    harness.check()


def test_output_of_a_run_is_void_when_the_job_is_queued_again(harness: StoreHarness) -> None:
    claimed, run = start(harness)
    append(harness, claimed, run, Chunk(OUT, 0, "a"))
    assert harness.store.release(claimed.id, claimed.token)
    assert read(harness, claimed.id, Position(run, 1, 0)) == Progress(Status.QUEUED, run + 1)
    assert not harness.redis.exists(keys.events(claimed.id))
    assert not append(harness, claimed, run, Chunk(OUT, 1, "b"))
    assert harness.store.begin_output(claimed.id, claimed.token) is None
    again, later = restart(harness)
    assert later > run + 1
    assert append(harness, again, later, Chunk(OUT, 0, "b"))
    assert read(harness, claimed.id, Position(run, 1, 0)).chunks == (Chunk(OUT, 0, "b"),)
    harness.check()


def test_output_of_a_run_is_void_when_the_same_claim_runs_the_job_again(harness: StoreHarness) -> None:
    claimed, run = start(harness)
    append(harness, claimed, run, Chunk(OUT, 0, "a"))
    later = harness.store.begin_output(claimed.id, claimed.token)
    assert later == run + 1
    assert not append(harness, claimed, run, Chunk(OUT, 1, "b"))
    assert read(harness, claimed.id, Position(run, 1, 0)) == Progress(Status.RUNNING, later)


def test_output_of_a_run_is_void_when_the_outcome_is_not_that_of_the_run(harness: StoreHarness) -> None:
    for outcome in (sandbox_failure("no"), DONE):
        claimed, run = start(harness)
        append(harness, claimed, run, Chunk(OUT, 0, "a"))
        harness.store.finish(claimed.id, claimed.token, outcome)
        assert read(harness, claimed.id, Position(run, 1, 0)).run == run + 1


def test_output_of_a_run_is_void_when_the_worker_is_lost_for_the_last_time(harness: StoreHarness) -> None:
    claimed, run = start(harness, lapsing=True)
    for _ in range(2):
        append(harness, claimed, run, Chunk(OUT, 0, "a"))
        harness.store.reconcile()
        claimed, run = restart(harness, lapsing=True)
    append(harness, claimed, run, Chunk(OUT, 0, "a"))
    harness.store.reconcile()
    assert harness.status(claimed.id) is Status.FAILED
    assert read(harness, claimed.id, Position(run, 1, 0)).run == run + 1
    harness.check()


def test_output_stays_valid_when_a_running_job_is_cancelled(harness: StoreHarness) -> None:
    claimed, run = start(harness)
    append(harness, claimed, run, Chunk(OUT, 0, "a"))
    harness.store.cancel(claimed.id)
    assert not append(harness, claimed, run, Chunk(OUT, 1, "b"))
    assert read(harness, claimed.id, Position(run, 1, 0)).run == run
    harness.check()


def test_append_adds_nothing_when_it_is_repeated(harness: StoreHarness) -> None:
    claimed, run = start(harness)
    chunks = (Chunk(OUT, 0, "a"), Chunk(ERR, 0, "b"), Chunk(OUT, 1, "c"))
    for _ in range(3):
        assert append(harness, claimed, run, *chunks)
    assert append(harness, claimed, run, Chunk(OUT, 2, "d"))
    assert read(harness, claimed.id).chunks == (*chunks, Chunk(OUT, 2, "d"))


def test_append_is_refused_when_text_before_it_is_missing(harness: StoreHarness) -> None:
    claimed, run = start(harness)
    assert append(harness, claimed, run, Chunk(OUT, 0, "a"))
    harness.redis.delete(keys.events(claimed.id))
    assert not append(harness, claimed, run, Chunk(OUT, 1, "b"))
    assert not append(harness, claimed, run, Chunk(OUT, 0, "a"), Chunk(ERR, 5, "b"))
    harness.check()


def test_append_is_refused_when_the_outputs_are_larger_than_any_job_has(harness: StoreHarness) -> None:
    claimed, run = start(harness)
    text = "x" * CHUNK_BYTES
    chunks = 2 * OUTPUT_BYTES // CHUNK_BYTES
    accepted = [append(harness, claimed, run, Chunk(OUT, n * len(text), text)) for n in range(chunks + 1)]
    assert accepted == [True] * chunks + [False]


def test_append_is_refused_and_the_job_ends_when_redis_is_full(harness: StoreHarness) -> None:
    claimed, run = start(harness)
    assert append(harness, claimed, run, Chunk(OUT, 0, "a"))
    harness.redis.config_set("maxmemory", 1)
    try:
        with pytest.raises(ResponseError):
            append(harness, claimed, run, Chunk(OUT, 1, "b"))
        later = harness.store.begin_output(claimed.id, claimed.token)
        assert later == run + 1
        assert read(harness, claimed.id) == Progress(Status.RUNNING, later)
        harness.store.finish(claimed.id, claimed.token, sandbox_failure("no"), when_full=True)
    finally:
        harness.redis.config_set("maxmemory", 0)
    assert harness.status(claimed.id) is Status.FAILED
    harness.check()


def test_begin_and_append_are_refused_when_redis_has_lost_the_job(harness: StoreHarness) -> None:
    claimed, run = start(harness)
    assert append(harness, claimed, run, Chunk(OUT, 0, "a"))
    harness.redis.flushall()
    assert not append(harness, claimed, run, Chunk(OUT, 1, "b"))
    assert harness.store.begin_output(claimed.id, claimed.token) is None
    assert not harness.redis.keys("*")


def test_job_without_a_stream_has_no_other_keys_than_before(harness: StoreHarness) -> None:
    job_id = harness.submit()
    with following(harness, job_id):
        claimed = harness.take()
        assert not harness.redis.exists(keys.followers(job_id), keys.events(job_id))
        assert not {"run", "extras"} & harness.redis.hgetall(keys.job(job_id)).keys()
        harness.store.finish(claimed.id, claimed.token, DONE)
    assert read(harness, job_id) == Progress(Status.SUCCEEDED, 0, record=harness.read(job_id))
    harness.check()


@contextmanager
def woken(follower: Follower) -> Iterator[None]:
    """Wait with a follower in a thread that must have ended at the end of the block."""
    thread = threading.Thread(target=follower.wait, args=(60,))
    thread.start()
    yield
    thread.join(20)
    assert not thread.is_alive()


def test_follower_is_woken_by_each_step_of_a_streamed_job(harness: StoreHarness) -> None:
    job_id = harness.submit(job=STREAMED)
    with following(harness, job_id) as follower:
        with woken(follower):
            claimed, run = restart(harness)
        with woken(follower):
            append(harness, claimed, run, Chunk(OUT, 0, "a"))
        with woken(follower):
            harness.store.release(claimed.id, claimed.token)
        with woken(follower):
            claimed, run = restart(harness)
        with woken(follower):
            harness.store.finish(job_id, claimed.token, DONE)


def test_follower_is_woken_at_the_end_when_the_job_is_not_streamed(harness: StoreHarness) -> None:
    job_id = harness.submit()
    with following(harness, job_id) as follower, woken(follower):
        harness.store.finish(job_id, harness.take().token, DONE)


def test_follower_misses_nothing_when_it_is_woken_between_its_read_and_its_wait(
    harness: StoreHarness,
) -> None:
    claimed, run = start(harness)
    with following(harness, claimed.id) as follower:
        append(harness, claimed, run, Chunk(OUT, 0, "a"))
        with woken(follower):
            pass
        progress = follower.read(Position())
        assert progress is not None
        assert progress.chunks == (Chunk(OUT, 0, "a"),)


def test_progress_wakes_no_request_that_waits_for_the_end(harness: StoreHarness) -> None:
    claimed, run = start(harness)
    listener = harness.store._listener
    with listener.waiter(claimed.id) as waiter, following(harness, claimed.id) as follower:
        with woken(follower):
            append(harness, claimed, run, Chunk(OUT, 0, "a"))
        assert not waiter.wait_for_wake_up(0)
        harness.store.finish(claimed.id, claimed.token, DONE)
        assert waiter.wait(20) == harness.read(claimed.id)


def test_each_process_with_followers_of_a_job_is_told_once(make_harness: MakeHarness) -> None:
    harness, other = make_harness(), make_harness()
    claimed, run = start(harness)
    with (
        following(harness, claimed.id) as one,
        following(harness, claimed.id) as two,
        following(other, claimed.id) as three,
    ):
        assert harness.redis.scard(keys.followers(claimed.id)) == 2
        with woken(one), woken(two), woken(three):
            append(harness, claimed, run, Chunk(OUT, 0, "a"))
        replies = [one.store._listener.reply for one in (harness, other)]
        assert [len(harness.wake_ups(reply)) for reply in replies] == [1, 1]


def test_followers_are_woken_when_the_connection_of_the_listener_was_lost(harness: StoreHarness) -> None:
    claimed, run = start(harness)
    with following(harness, claimed.id) as one, following(harness, claimed.id) as two:
        reply = harness.store._listener.reply

        def subscribed() -> bool:
            return harness.redis.pubsub_numsub(reply) == [(reply, 1)]

        eventually(subscribed, within=10, what="the listener has subscribed")
        with woken(one), woken(two):
            harness.redis.client_kill_filter(_type="pubsub", skipme=True)
        for follower in (one, two):
            progress = follower.read(Position())
            assert progress is not None
            assert progress.status is Status.RUNNING
        eventually(subscribed, within=10, what="the listener has subscribed again")
        with woken(one), woken(two):
            append(harness, claimed, run, Chunk(OUT, 0, "a"))
