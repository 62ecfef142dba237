"""Who waits for a message claims by it at once."""

import threading
from collections.abc import Callable, Iterator

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as Lost
from redis.exceptions import ResponseError

from config.redis import connect
from store import keys
from store.linger import Linger, Waited, call_off
from tests.support.store import Records, waits
from tests.support.wait import eventually

MESSAGE = "a message"
WORKER = "the one"


@pytest.fixture
def records(redis: "Redis") -> Records:
    return Records(redis, hint=MESSAGE)


@pytest.fixture
def linger(server_url: str, records: Records) -> Iterator[Linger]:
    with connect(server_url, block=30) as redis:
        yield Linger(redis, records.claim, worker=WORKER)


def _meanwhile(linger: Linger, redis: "Redis", what: Callable[[], object]) -> Waited | Exception:
    """Do something while somebody waits; return how the wait ends."""
    ends: list[Waited | Exception] = []

    def wait() -> None:
        try:
            ends.append(linger(30))
        except Exception as error:  # noqa: BLE001 -- the test looks at it
            ends.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    eventually(lambda: waits(redis), within=10, what="somebody waits")
    what()
    thread.join()
    return ends[0]


def test_a_message_brings_a_job(linger: Linger, records: Records) -> None:
    ids: list[str] = []
    waited = _meanwhile(linger, records.redis, lambda: ids.append(records.submit()))
    assert isinstance(waited, Waited)
    assert waited.claimed is not None
    assert (waited.message, [waited.claimed.id]) == (True, ids)
    assert not records.hints()
    records.check()


def test_a_message_may_have_been_for_another(linger: Linger, redis: "Redis") -> None:
    waited = _meanwhile(linger, redis, lambda: redis.lpush(keys.HINTS, MESSAGE))
    assert waited == Waited(message=True, claimed=None)


def test_without_a_message_a_job_is_still_found(linger: Linger, records: Records) -> None:
    job_id = records.submit()
    records.hints()
    waited = linger(0.1)
    assert waited.claimed is not None
    assert waited.claimed.id == job_id
    assert linger(0.1) == Waited(message=False, claimed=None)


def test_a_wait_is_called_off_before_it_takes_a_message(linger: Linger, redis: "Redis") -> None:
    redis.lpush(keys.HINTS, MESSAGE)
    call_off(redis, WORKER, 2)
    assert linger(30) == Waited(message=False, claimed=None)
    assert redis.ttl(keys.off(WORKER)) > 0
    assert redis.llen(keys.HINTS) == 1


def test_another_worker_s_wait_goes_on(linger: Linger, redis: "Redis") -> None:
    call_off(redis, "another", 1)
    assert linger(0.1) == Waited(message=False, claimed=None)
    assert redis.llen(keys.off("another")) == 1


def test_a_redis_that_forgot_its_scripts_is_told_them_again(linger: Linger, records: Records) -> None:
    ids: list[str] = []

    def submit() -> None:
        ids.append(records.submit())

    _meanwhile(linger, records.redis, submit)
    records.redis.script_flush()
    waited = _meanwhile(linger, records.redis, submit)
    assert isinstance(waited, Waited)
    assert waited.claimed is not None
    assert waited.claimed.id == ids[1]


def test_a_connection_that_is_cut_is_an_error(linger: Linger, redis: "Redis") -> None:
    assert isinstance(_meanwhile(linger, redis, lambda: redis.client_kill_filter(skipme=True)), Lost)


def test_a_list_of_messages_that_is_none_is_an_error_but_a_job_is_run(
    linger: Linger, records: Records
) -> None:
    records.redis.set(keys.HINTS, "")
    job_id = records.submit()
    waited = linger(30)
    assert waited.claimed is not None
    assert waited.claimed.id == job_id
    with pytest.raises(ResponseError):
        linger(30)
