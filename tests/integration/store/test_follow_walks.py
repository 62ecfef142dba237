"""Clients that connect again at any time get exactly the output of the job, whatever happens to the job."""

import random

import pytest

from jobs.job import Job
from jobs.outcome import Outcome, SandboxKind
from jobs.stream import Stream
from jobs.system_outcomes import sandbox_failure
from store.progress import Chunk
from tests.support.following_client import FollowingClient
from tests.support.store import MakeHarness
from tests.support.stored_outcome import decoded

OUT, ERR = Stream.STDOUT, Stream.STDERR
#: Characters of one to four bytes.
CHARACTERS = "a\né€😀"
STEPS = 60


class Walk:
    """One job, whose steps are chosen at random; the latest worker that had it; and what clients saw of it."""

    def __init__(self, make_harness: MakeHarness, seed: int) -> None:
        self.random = random.Random(seed)
        # A worker, and two processes of the API.
        self.harness, *self.others = [make_harness() for _ in range(3)]
        self.job_id = self.harness.submit(job=Job("", stream=True))
        self.token, self.run = 0, 0
        self.written = {OUT: "", ERR: ""}
        self.seen = [FollowingClient(self.job_id)]

    def text(self) -> str:
        return "".join(self.random.choices(CHARACTERS, k=self.random.randint(1, 5)))

    def void(self, run: int = 0) -> None:
        self.run, self.written = run, {OUT: "", ERR: ""}

    def claim(self) -> None:
        store = self.random.choice([self.harness.store, self.harness.lapsing])
        if claimed := store.claim():
            self.token = claimed.token
            if self.random.random() < 0.9:
                self.begin_output()

    def begin_output(self) -> None:
        run = self.harness.store.begin_output(self.job_id, self.token)
        if run is not None:
            assert run > self.run
            self.void(run)

    def append(self) -> None:
        written, chunks = dict(self.written), []
        for _ in range(self.random.randint(1, 4)):
            stream, text = self.random.choice(list(Stream)), self.text()
            chunks.append(Chunk(stream, len(written[stream].encode()), text))
            written[stream] += text
        accepted = self.harness.store.append_output(self.job_id, self.token, self.run, chunks)
        if accepted:
            self.written = written
        if self.random.random() < 0.3:
            # The worker did not get the answer.
            assert self.harness.store.append_output(self.job_id, self.token, self.run, chunks) == accepted

    def release(self) -> None:
        if self.harness.store.release(self.job_id, self.token):
            self.void()

    def reconcile(self) -> None:
        done = self.harness.store.reconcile()
        assert done is not None
        if done.requeued:
            self.void()

    def connect(self) -> None:
        """Read where an earlier connection ended. The client gets only some events of the last read."""
        client = self.random.choice(self.seen[-5:]).copy()
        with self.random.choice(self.others).store.follow(self.job_id) as follower:
            reads = self.random.randint(1, 3)
            for number in range(reads):
                progress = follower.read(client.position)
                assert progress is not None
                last = number == reads - 1
                client.take(progress, self.random.randint(0, 6) if last else len(progress.chunks))
        self.seen.append(client)

    def end(self) -> None:
        """End the job, if it has not ended."""
        store, fails = self.harness.store, self.random.random() < 0.3
        outcome = Outcome(
            sandbox=SandboxKind.NSJAIL,
            exit_code=0,
            stdout=self.written[OUT] + self.text(),
            stderr=self.written[ERR] + self.text(),
        )
        if fails:
            finished = store.finish(self.job_id, self.token, sandbox_failure("no"))
        else:
            finished = store.finish(self.job_id, self.token, outcome, run=self.run or None)
        if not finished.counts:
            record = self.harness.read(self.job_id)
            if not record.status.final:
                store.cancel(self.job_id)

    def check_running(self) -> None:
        """Each client, from anywhere that it has been, gets the output of the current run."""
        for client in self.read_all():
            current = self.written if client.run == self.run else {OUT: "", ERR: ""}
            assert client.texts == current

    def check_final(self) -> None:
        """Each client has a beginning of the outputs in the record."""
        record = self.harness.read(self.job_id)
        for client in self.read_all():
            if record.outcome:
                final = decoded(record.outcome)
                assert final.stdout.startswith(client.texts[OUT])
                assert final.stderr.startswith(client.texts[ERR])

    def read_all(self) -> list[FollowingClient]:
        clients = [client.copy() for client in self.seen]
        for client in clients:
            client.read(self.others[0].store)
        return clients


@pytest.mark.parametrize("seed", range(20))
def test_clients_get_exactly_the_output_of_the_job_whatever_happens(
    make_harness: MakeHarness, seed: int
) -> None:
    walk = Walk(make_harness, seed)
    steps = {
        walk.claim: 4,
        walk.begin_output: 1,
        walk.append: 6,
        walk.release: 1,
        walk.reconcile: 1,
        walk.connect: 6,
    }
    for step in walk.random.choices(list(steps), list(steps.values()), k=STEPS):
        step()
        if walk.harness.read(walk.job_id).status.final:
            # The reconciler has ended it: its worker was lost three times.
            break
        walk.check_running()
    walk.end()
    walk.check_final()
    walk.harness.check()
