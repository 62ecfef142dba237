from redis import Redis

from store.queue_class import QUEUE_CLASSES, Priority, QueueClass
from tests.support.store import Records


def test_an_empty_queue_stands_at_nothing(records: Records) -> None:
    standing = records.statistics()
    assert standing.queued == dict.fromkeys(QUEUE_CLASSES, 0)
    assert (standing.waiting, standing.running, standing.counters) == (0, 0, {})


def test_jobs_are_counted_by_lane_those_held_back_too(redis: "Redis") -> None:
    records = Records(redis, running_max=1)
    for _ in range(3):
        records.submit(owner="ann", lane=QueueClass(Priority.HIGH))
    records.submit(owner="bob", lane=QueueClass(interactive=True))
    records.take()
    records.take()
    assert records.claim() is None
    standing = records.statistics()
    assert standing.queued[QueueClass(Priority.HIGH)] == 2
    assert (standing.waiting, standing.running) == (2, 2)
    assert standing.counters == {"submitted": 4, "attempts": 2}
