"""What the workers are scaled by, in deploy/kubernetes/keda.yaml: the keys hold what they are taken for."""

from tests.support import manifests
from tests.support.store import Records


def _size(records: Records, key: str) -> int:
    """Return the size of a sorted set, by the command that KEDA's redis scaler asks such a key with."""
    assert records.redis.type(key) in ("zset", "none")
    return int(records.redis.zcard(key))


def test_the_autoscaler_counts_the_jobs_that_wait_and_those_that_run(records: Records) -> None:
    triggers = manifests.find_object(manifests.keda(), "ScaledObject", "worker")["spec"]["triggers"]
    waiting, running = (trigger["metadata"]["listName"] for trigger in triggers)
    assert (_size(records, waiting), _size(records, running)) == (0, 0)
    for owner in ("", "", "alice", "bob"):
        records.submit(owner=owner)
    assert (_size(records, waiting), _size(records, running)) == (4, 0)
    records.take()
    assert (_size(records, waiting), _size(records, running)) == (3, 1)
    standing = records.statistics()
    assert (standing.waiting, standing.running) == (3, 1)
