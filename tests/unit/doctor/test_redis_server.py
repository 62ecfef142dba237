"""The findings for what a Redis server tells of itself."""

from typing import Any

import pytest

from doctor.checks import redis_server
from doctor.checks.redis import address
from doctor.finding import Status

NEW = {"redis_version": "7.2.4", "redis_mode": "standalone"}
URL = "redis://127.0.0.1:6379/0"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://user:secret@host:7000/1", "redis://host:7000/1"),
        ("redis://:se@cret@host", "redis://host:6379"),
        ("rediss://:secret@[::1]:6380/0?password=secret", "rediss://[::1]:6380/0"),
        ("unix://:secret@/run/redis.sock?password=secret", "unix:///run/redis.sock"),
        ("redis://host/secret", "redis://host:6379"),
    ],
)
def test_address_has_no_password(url: str, shown: str) -> None:
    assert address(url) == shown


@pytest.mark.parametrize(
    ("server", "role", "status", "found"),
    [
        (NEW, "master", Status.OK, "Redis 7.2.4"),
        (NEW | {"valkey_version": "9.1.0"}, "master", Status.OK, "Valkey 9.1.0"),
        ({"redis_version": "6.2.14"}, "master", Status.FAILED, "needs Redis 7"),
        (NEW | {"redis_mode": "cluster"}, "master", Status.FAILED, "Cluster"),
        (NEW, "slave", Status.FAILED, "replica"),
        ({}, None, Status.FAILED, "needs Redis 7"),
    ],
)
def test_version_judges_the_server(
    server: dict[str, Any], role: str | None, status: Status, found: str
) -> None:
    replication = {} if role is None else {"role": role}
    finding = redis_server.version("redis-cli", URL, server, replication)
    assert finding.status is status
    assert found in finding.found


@pytest.mark.parametrize(
    ("policy", "maximum", "used", "status"),
    [
        ("noeviction", 1000, 10, Status.OK),
        ("noeviction", 1000, 950, Status.WARNING),
        ("noeviction", 0, 10, Status.WARNING),
        ("allkeys-lru", 1000, 10, Status.FAILED),
        ("volatile-ttl", 1000, 10, Status.FAILED),
        ("allkeys-lru", 0, 10, Status.WARNING),
    ],
)
def test_memory_judges_what_a_full_server_does(policy: str, maximum: int, used: int, status: Status) -> None:
    state = {"maxmemory_policy": policy, "maxmemory": maximum, "used_memory": used}
    assert redis_server.memory("redis-cli", state).status is status


@pytest.mark.parametrize(
    ("state", "save", "status"),
    [
        ({"aof_enabled": 1}, "", Status.OK),
        ({"aof_enabled": 0}, "3600 1", Status.OK),
        ({"aof_enabled": 0}, "", Status.WARNING),
        ({"aof_enabled": 0}, None, Status.WARNING),
        ({"aof_enabled": 0, "rdb_last_bgsave_status": "err"}, "3600 1", Status.FAILED),
        ({"aof_enabled": 1, "aof_last_write_status": "err"}, "", Status.FAILED),
    ],
)
def test_persistence_judges_whether_jobs_outlive_a_restart(
    state: dict[str, Any], save: str | None, status: Status
) -> None:
    assert redis_server.persistence("redis-cli", state, save).status is status


@pytest.mark.parametrize(
    ("url", "bind", "protected", "status"),
    [
        ("redis://:secret@10.0.0.5/0", "*", "no", Status.OK),
        ("redis://10.0.0.5/0?password=secret", "*", "no", Status.OK),
        ("unix:///run/redis.sock", "*", "no", Status.OK),
        (URL, "127.0.0.1 -::1", "no", Status.OK),
        (URL, "* -::*", "yes", Status.OK),
        (URL, "* -::*", "no", Status.WARNING),
        (URL, "", "no", Status.WARNING),
        ("redis://10.0.0.5/0", "10.0.0.5", "yes", Status.WARNING),
        (URL, None, None, Status.WARNING),
    ],
)
def test_access_judges_who_reaches_the_server(
    url: str, bind: str | None, protected: str | None, status: Status
) -> None:
    assert redis_server.access("redis-cli", url, bind, protected).status is status


@pytest.mark.parametrize(
    ("difference", "error", "status"),
    [(0.2, 0.0, Status.OK), (-1.5, 0.0, Status.WARNING), (90.0, 0.1, Status.WARNING), (2.0, 1.5, Status.OK)],
)
def test_clock_allows_for_the_time_of_the_request(difference: float, error: float, status: Status) -> None:
    assert redis_server.clock(difference, error).status is status
