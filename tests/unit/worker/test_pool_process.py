import inspect

from billiard import pool

from worker.pool_process import end_promptly


def test_end_promptly_sets_the_limit_that_billiard_reads() -> None:
    name = "GUARANTEE_MESSAGE_CONSUMPTION_RETRY_LIMIT"
    before = getattr(pool, name)
    # The limit only has an effect while billiard reads it from its module as the process ends.
    assert name in inspect.getsource(pool.Worker)
    try:
        end_promptly()
        assert 0 < getattr(pool, name) < before
    finally:
        setattr(pool, name, before)
