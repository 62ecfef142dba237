"""The keys by which deploy/kubernetes/keda.yaml scales the workers: they hold the queued and running jobs."""

from tests.support import manifests
from tests.support.store import StoreHarness


def _size(harness: StoreHarness, key: str) -> int:
    """Return the size of a sorted set, with the command that KEDA's redis scaler sends for this type of key."""
    assert harness.redis.type(key) in ("zset", "none")
    return int(harness.redis.zcard(key))


def test_keda_keys_hold_the_queued_and_running_jobs(harness: StoreHarness) -> None:
    triggers = manifests.find_object(manifests.keda(), "ScaledObject", "worker")["spec"]["triggers"]
    waiting, running = (trigger["metadata"]["listName"] for trigger in triggers)
    assert (_size(harness, waiting), _size(harness, running)) == (0, 0)
    for owner in ("", "", "alice", "bob"):
        harness.submit(owner=owner)
    assert (_size(harness, waiting), _size(harness, running)) == (4, 0)
    harness.take()
    assert (_size(harness, waiting), _size(harness, running)) == (3, 1)
    assert (harness.queued(), harness.store.statistics().running) == (3, 1)
