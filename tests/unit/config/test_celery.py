"""The Celery configuration."""

import pytest
from celery import Celery

from config.celery import broker_url, celery_settings
from config.names import PREFIX
from config.settings import Settings


@pytest.mark.parametrize(
    ("url", "broker"),
    [
        ("redis://host:6380/3", "redis://host:6380/3"),
        ("rediss://:secret@host/0?ssl_cert_reqs=required", "rediss://:secret@host/0?ssl_cert_reqs=required"),
        ("unix:///run/redis.sock", "redis+socket:///run/redis.sock?virtual_host=0"),
        ("unix:///run/redis.sock?db=2", "redis+socket:///run/redis.sock?virtual_host=2"),
        ("unix://user:secret@/run/redis.sock", "redis+socket://user:secret@/run/redis.sock?virtual_host=0"),
    ],
)
def test_broker_url_is_spelled_as_kombu_reads_it_when_redis_is_tcp_or_a_socket(url: str, broker: str) -> None:
    assert broker_url(url) == broker


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "unix:///nowhere/redis.sock?db=2"])
def test_celery_accepts_the_settings_when_redis_is_tcp_or_a_socket(url: str) -> None:
    app = Celery(set_as_current=False)
    app.conf.update(celery_settings(Settings(redis_url=url)))
    assert app.conf.result_backend is None
    assert app.conf.accept_content == ["json"]
    assert app.conf.broker_transport_options["global_keyprefix"] == PREFIX
    with app.connection_for_write() as connection:
        assert connection.transport_cls == "redis"
