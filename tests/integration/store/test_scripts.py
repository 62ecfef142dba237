import pytest

from tests.support.store import DONE, MakeHarness, StoreHarness

#: The commands of a test and of redis-py.
_OTHERS = {"evalsha", "script|load", "config|resetstat", "info", "ping"}


def _run_a_job(harness: StoreHarness, owner: str) -> None:
    job_id = harness.submit(owner=owner, reply="a reply channel")
    claimed = harness.take()
    assert harness.store.finish(job_id, claimed.token, DONE, claim_next=True).counts
    assert harness.woken("a reply channel")[-1] == job_id
    harness.take_notifications()


@pytest.mark.parametrize(("owner", "most"), [("", 40), ("ann", 53)])
def test_scripts_of_one_job_run_few_commands(make_harness: MakeHarness, owner: str, most: int) -> None:
    harness = make_harness(notification="a message")
    _run_a_job(harness, owner)
    harness.redis.config_resetstat()
    _run_a_job(harness, owner)
    stats = harness.redis.info("commandstats")
    calls = {name.removeprefix("cmdstat_"): one["calls"] for name, one in stats.items()}
    commands = {name: number for name, number in calls.items() if name not in {*_OTHERS, "rpop"}}
    assert sum(commands.values()) <= most, commands
