from redis import Redis

from records.lane import LANES, Lane, Priority
from tests.support.records import Records


def test_an_empty_queue_stands_at_nothing(records: Records) -> None:
    standing = records.statistics()
    assert standing.queued == dict.fromkeys(LANES, 0)
    assert (standing.waiting, standing.running, standing.counters) == (0, 0, {})


def test_jobs_are_counted_by_lane_those_held_back_too(redis: "Redis") -> None:
    records = Records(redis, running_max=1)
    for _ in range(3):
        records.submit(owner="ann", lane=Lane(Priority.HIGH))
    records.submit(owner="bob", lane=Lane(interactive=True))
    records.take()
    records.take()
    assert records.claim() is None
    standing = records.statistics()
    assert standing.queued[Lane(Priority.HIGH)] == 2
    assert (standing.waiting, standing.running) == (2, 2)
    assert standing.counters == {"submitted": 4, "attempts": 2}
