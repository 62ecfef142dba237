"""Followers read the output of a job while its script runs."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from queue import Queue

import pytest

from jobs.job import Job
from jobs.limits import OUTPUT_BYTES, Limits
from jobs.mode import Mode
from jobs.outcome import Outcome, SandboxKind
from jobs.status import Status
from jobs.stream import Stream
from jobs.system_outcomes import ATTEMPTS
from sandbox.errors import SandboxFailure
from sandbox.protocol import OnOutput, Sandbox
from sandbox.restricted.sandbox import RestrictedSandbox
from store import keys
from tests.support.following_client import FollowingClient
from tests.support.jail import nsjail_sandbox
from tests.support.server import RedisServer
from tests.support.store import StoreHarness, has_waiting_client, outcome_of
from tests.support.stored_outcome import decoded
from tests.support.stub_sandbox import StubSandbox
from tests.support.wait import eventually
from worker.executor import WAIT, Executor
from worker.shutdown_state import ShutdownState

OUT, ERR = Stream.STDOUT, Stream.STDERR
JOB = Job("", stream=True)
WORKER = "worker-1"


class Script(StubSandbox):
    """A sandbox whose scripts do what the test says, step by step."""

    def __init__(self) -> None:
        super().__init__()
        self._steps: Queue[Outcome | SandboxFailure | tuple[Stream, bytes]] = Queue()

    def write(self, data: bytes, stream: Stream = OUT) -> None:
        self._steps.put((stream, data))

    def end(self, stdout: str = "", stderr: str = "") -> None:
        self._steps.put(Outcome(sandbox=SandboxKind.NSJAIL, exit_code=0, stdout=stdout, stderr=stderr))

    def fail(self) -> None:
        self._steps.put(SandboxFailure("the jail died"))

    def cancel(self) -> None:
        self.fail()

    def run(self, job: Job, on_output: OnOutput | None = None) -> Outcome:  # noqa: ARG002
        while True:
            match self._steps.get(timeout=60):
                case SandboxFailure() as failure:
                    raise failure
                case Outcome() as outcome:
                    return outcome
                case stream, data:
                    assert on_output
                    on_output(stream, data)


@contextmanager
def running(harness: StoreHarness, sandbox: Sandbox) -> Iterator[None]:
    """Have an executor run the queued jobs in a thread; all have ended at the end of the block."""
    shutdown = ShutdownState()
    with closing(Executor(harness.store, worker_id=WORKER, sandbox=sandbox, shutdown=shutdown)) as executor:
        thread = threading.Thread(target=executor.execute)
        thread.start()
        yield
        eventually(lambda: has_waiting_client(harness.redis), within=30, what="the executor waits")
        harness.store.interrupt_waits(WORKER, 1)
        thread.join(30)
        assert not thread.is_alive()
    assert not live_output_threads()


@contextmanager
def scripted(harness: StoreHarness) -> Iterator[Script]:
    """Have an executor run the queued jobs, whose scripts do what the test says."""
    script = Script()
    with running(harness, script):
        yield script


def live_output_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "live output"]


@pytest.fixture
def harness(server: RedisServer) -> Iterator[StoreHarness]:
    with closing(StoreHarness(server.url, notification="a notification", block=WAIT)) as harness:
        harness.redis.flushall()
        yield harness


@pytest.fixture
def client(harness: StoreHarness) -> FollowingClient:
    """Return a client of a job that is queued."""
    return FollowingClient(harness.submit(job=JOB))


def test_output_is_readable_while_the_script_runs(harness: StoreHarness, client: FollowingClient) -> None:
    with scripted(harness) as script:
        script.write(b"a\xc3")
        script.write(b"b", ERR)
        script.write(b"\xa9\xf0\x9f")
        client.until(harness.store, "a\xe9", "b")
        assert client.read(harness.store).status is Status.RUNNING
        script.end("a\xe9\ufffd", "b")
    assert client.read(harness.store).run == client.run == 1
    assert client.texts == {OUT: "a\xe9", ERR: "b"}
    assert not harness.redis.keys(f"{keys.EVENTS}*")
    harness.check()


def test_all_output_is_streamed_when_a_script_writes_to_the_cap_at_once(
    harness: StoreHarness, client: FollowingClient
) -> None:
    large = "x" * OUTPUT_BYTES
    with scripted(harness) as script:
        for start in range(0, OUTPUT_BYTES, 50_000):
            for stream in Stream:
                script.write(large[start : start + 50_000].encode(), stream)
        client.until(harness.store, large, large)
        script.end(large, large)


def test_output_of_a_failed_run_is_void_when_the_same_worker_runs_the_job_again(
    harness: StoreHarness, client: FollowingClient
) -> None:
    with scripted(harness) as script:
        script.write(b"run 1")
        client.until(harness.store, "run 1")
        script.fail()
        script.write(b"run 2")
        client.until(harness.store, "run 2")
        script.end("run 2")
    assert client.read(harness.store).run == client.run == 2


def test_streamed_output_is_void_when_the_sandbox_failed_at_every_attempt(
    harness: StoreHarness, client: FollowingClient
) -> None:
    with scripted(harness) as script:
        for number in range(ATTEMPTS):
            script.write(b"text %d" % number)
            client.until(harness.store, f"text {number}")
            script.fail()
    run, progress = client.run, client.read(harness.store)
    assert progress.record is not None
    assert decoded(progress.record.outcome).stdout == ""
    assert progress.run > run


def test_job_that_does_not_ask_sends_no_output(harness: StoreHarness) -> None:
    job_id = harness.submit()
    with scripted(harness) as script:
        script.end("text")
        eventually(lambda: harness.status(job_id).final, within=20, what="the job has ended")
        assert not live_output_threads()
    assert "run" not in harness.redis.hgetall(keys.job(job_id))


def test_output_waits_and_the_job_goes_on_when_redis_is_away(
    harness: StoreHarness, client: FollowingClient, server: RedisServer
) -> None:
    with scripted(harness) as script:
        script.write(b"before ")
        client.until(harness.store, "before ")
        server.kill()
        script.write(b"during ")
        script.write(b"error", ERR)
        server.start()
        script.write(b"after")
        client.until(harness.store, "before during after", "error")
        script.end("before during after", "error")
    assert client.read(harness.store).run == client.run == 1


def test_output_is_streamed_when_redis_was_away_as_the_job_began(
    harness: StoreHarness, client: FollowingClient, server: RedisServer
) -> None:
    with scripted(harness) as script:
        harness.redis.config_set("maxclients", 1)
        harness.redis.client_kill_filter(skipme=True)
        script.write(b"text")
        harness.redis.config_set("maxclients", 10_000)
        client.until(harness.store, "text")
        script.end("text")


def test_job_ends_with_all_output_when_redis_has_no_room_for_events(
    harness: StoreHarness, client: FollowingClient
) -> None:
    with scripted(harness) as script:
        script.write(b"a")
        client.until(harness.store, "a")
        harness.redis.config_set("maxmemory", 1)
        refused = harness.redis.info("errorstats").get("errorstat_OOM", {"count": 0})["count"]
        script.write(b"b")
        eventually(
            lambda: harness.redis.info("errorstats").get("errorstat_OOM", {"count": 0})["count"] > refused,
            within=20,
            what="Redis refuses the text",
        )
        harness.redis.config_set("maxmemory", 0)
        script.write(b"c")
        script.end("abc")
    assert client.texts[OUT] == "a"
    assert outcome_of(harness, client.job_id).stdout == "abc"


def test_nothing_more_is_sent_when_the_job_was_cancelled(
    harness: StoreHarness, client: FollowingClient
) -> None:
    with scripted(harness) as script:
        script.write(b"a")
        client.until(harness.store, "a")
        harness.store.cancel(client.job_id)
        script.write(b"b")
        # The lease keeper kills the job.
    assert client.read(harness.store).status is Status.CANCELLED
    assert client.texts[OUT] == "a"
    harness.check()


_PROGRAM = """
import sys, time
print("sn\xf6w")
print("no", file=sys.stderr)
sys.stdout.flush()
time.sleep(600)
"""
_STUCK = {
    Mode.PROGRAM: Job(_PROGRAM, mode=Mode.PROGRAM, stream=True, limits=Limits(timeout=600, cpu=600)),
    Mode.MAIN: Job(
        "def main():\n" + _PROGRAM.replace("\n", "\n    "), stream=True, limits=Limits(timeout=600, cpu=600)
    ),
}


@pytest.mark.parametrize("kind", list(SandboxKind))
def test_output_of_both_modes_is_streamed_from_a_real_sandbox(
    harness: StoreHarness, kind: SandboxKind
) -> None:
    with ExitStack() as stack:
        sandbox = stack.enter_context(nsjail_sandbox()) if kind is SandboxKind.NSJAIL else RestrictedSandbox()
        stack.enter_context(running(harness, sandbox))
        for mode in Mode:
            client = FollowingClient(harness.submit(job=_STUCK[mode]))
            client.until(harness.store, "sn\xf6w\n", "no\n")
            harness.store.cancel(client.job_id)
            assert client.read(harness.store).run == client.run == 1
