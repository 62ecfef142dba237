"""What the workers are scaled by, in deploy/kubernetes/keda.yaml: the keys hold what they are taken for."""

from tests.support import manifests
from tests.support.store import StoreHarness


def _size(harness: StoreHarness, key: str) -> int:
    """Return the size of a sorted set, by the command that KEDA's redis scaler asks such a key with."""
    assert harness.redis.type(key) in ("zset", "none")
    return int(harness.redis.zcard(key))


def test_autoscaler_keys_hold_the_queued_and_running_jobs(harness: StoreHarness) -> None:
    triggers = manifests.find_object(manifests.keda(), "ScaledObject", "worker")["spec"]["triggers"]
    waiting, running = (trigger["metadata"]["listName"] for trigger in triggers)
    assert (_size(harness, waiting), _size(harness, running)) == (0, 0)
    for owner in ("", "", "alice", "bob"):
        harness.submit(owner=owner)
    assert (_size(harness, waiting), _size(harness, running)) == (4, 0)
    harness.take()
    assert (_size(harness, waiting), _size(harness, running)) == (3, 1)
    assert (harness.queued(), harness.store.statistics().running) == (3, 1)
