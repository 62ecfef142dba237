from jobs.job import Job
from jobs.mode import Mode
from store.queue_class import QUEUE_CLASSES, Priority, QueueClass
from tests.support.store import MakeHarness, StoreHarness


def test_statistics_are_zero_when_the_queue_is_empty(harness: StoreHarness) -> None:
    statistics = harness.store.statistics()
    assert statistics.queued == dict.fromkeys(QUEUE_CLASSES, 0)
    assert (statistics.running, statistics.counters) == (0, {})


def test_statistics_count_submitted_jobs_by_mode(harness: StoreHarness) -> None:
    for mode in (Mode.MAIN, Mode.PROGRAM, Mode.MAIN):
        harness.submit(job=Job("def main(): ...", mode=mode))
    assert harness.store.statistics().counters == {
        "submitted:main:stdlib": 2,
        "submitted:program:stdlib": 1,
    }


def test_statistics_count_capped_jobs_in_their_class(make_harness: MakeHarness) -> None:
    harness = make_harness(key_running_max=1)
    for _ in range(3):
        harness.submit(owner="ann", queue_class=QueueClass(Priority.HIGH))
    harness.submit(owner="bob", queue_class=QueueClass(interactive=True))
    harness.take()
    harness.take()
    assert harness.store.claim() is None
    statistics = harness.store.statistics()
    assert statistics.queued[QueueClass(Priority.HIGH)] == 2
    assert (harness.queued(), statistics.running) == (2, 2)
    assert statistics.counters == {"submitted:main:stdlib": 4, "attempts": 2}
