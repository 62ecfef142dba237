"""The findings for what a Redis server reports about itself. Pure."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from config.credentials import is_loopback
from doctor.finding import Finding

#: The names of the findings besides `redis`.
NAMES: Final = ("redis-memory", "redis-persistence", "redis-access", "redis-clock")

_LEAST_VERSION: Final = 7

#: The share of `maxmemory` above which the service soon refuses jobs.
_NEARLY_FULL: Final = 0.9

#: Seconds by which two clocks may differ.
_CLOCK_TOLERANCE: Final = 1.0


def version(client: str, where: str, server: Mapping[str, Any], replication: Mapping[str, Any]) -> Finding:
    """Judge the version and the role of the server.

    Args:
        client: The start of a command to the server.
        where: Its address.
        server: The section `server` of INFO.
        replication: The section `replication`.
    """
    name, number = "redis", str(server.get("redis_version", "0"))
    # Valkey reports the version of Redis with which it is compatible, and its own.
    product = f"Valkey {server['valkey_version']}" if "valkey_version" in server else f"Redis {number}"
    found = f"{where}, {product}"
    if int(number.partition(".")[0]) < _LEAST_VERSION:
        mend = "docker run --publish 127.0.0.1:6379:6379 redis:7-alpine  # Redis 7, Valkey, or newer"
        return Finding.failed(name, f"{found}: the service needs Redis {_LEAST_VERSION} or newer", mend)
    if server.get("redis_mode") == "cluster":
        mend = f"{client} config get cluster-enabled  # name a server without it in REDIS_URL"
        return Finding.failed(name, f"{found}: the service does not work with a Redis Cluster", mend)
    if replication.get("role") not in (None, "master"):
        mend = f"{client} info replication  # name the primary in REDIS_URL"
        return Finding.failed(name, f"{found}: a replica, which takes no jobs", mend)
    return Finding.ok(name, found)


def memory(client: str, state: Mapping[str, Any]) -> Finding:
    """Judge what the server does when it is full.

    Args:
        client: The start of a command to the server.
        state: The section `memory` of INFO.
    """
    name = "redis-memory"
    policy, maximum = state.get("maxmemory_policy", "unknown"), int(state.get("maxmemory", 0))
    used = int(state.get("used_memory", 0))
    found = f"maxmemory-policy {policy}, maxmemory {maximum}"
    if policy != "noeviction":
        found = f"{found}: a full server drops jobs silently"
        mend = f"{client} config set maxmemory-policy noeviction"
        # Without `maxmemory` the policy has no effect yet.
        return Finding.failed(name, found, mend) if maximum else Finding.warning(name, found, mend)
    if not maximum:
        mend = f"{client} config set maxmemory 256mb  # docs/how-to/sizing.md: how much"
        return Finding.warning(name, f"{found}: jobs can fill the machine's memory", mend)
    if used > _NEARLY_FULL * maximum:
        found = f"{found}, of which {used} are used: the service soon refuses jobs"
        return Finding.warning(name, found, f"{client} config set maxmemory {2 * maximum}")
    return Finding.ok(name, found)


def persistence(client: str, state: Mapping[str, Any], save: str | None) -> Finding:
    """Judge whether jobs outlive a restart of the server.

    Args:
        client: The start of a command to the server.
        state: The section `persistence` of INFO.
        save: The setting `save`; None if the server does not tell.
    """
    name = "redis-persistence"
    if "err" in (state.get("rdb_last_bgsave_status"), state.get("aof_last_write_status")):
        found = "the server could not write to its disk, and refuses jobs until it can"
        return Finding.failed(name, found, f"{client} config get dir  # make room there")
    if state.get("aof_enabled"):
        return Finding.ok(name, "append-only file: jobs outlive a restart")
    if save:
        return Finding.ok(name, f"snapshots ({save}): a crash loses the jobs since the last one")
    mend = f"{client} config set appendonly yes"
    if save is None:
        return Finding.warning(name, "no append-only file, and the server does not tell of snapshots", mend)
    return Finding.warning(name, "none: a restart of the server loses all jobs", mend)


def access(client: str, url: str, bind: str | None, protected: str | None) -> Finding:
    """Judge whether other machines reach the server without a password.

    Args:
        client: The start of a command to the server.
        url: REDIS_URL, with which a connection was made.
        bind: The setting `bind`; None if the server does not tell.
        protected: The setting `protected-mode`, likewise.
    """
    name, parts = "redis-access", urlsplit(url)
    if parts.password or "password=" in parts.query:
        return Finding.ok(name, "with a password")
    if parts.scheme == "unix":
        return Finding.ok(name, "by a Unix socket, without a password")
    bound = bind is not None and all(is_loopback(one.lstrip("-")) for one in bind.split())
    # In protected mode a server without a password answers to its own machine only.
    guarded = protected == "yes" and is_loopback(parts.hostname or "localhost")
    if (bind and bound) or guarded:
        return Finding.ok(name, "from this machine only, without a password")
    return Finding.warning(
        name,
        "other machines may reach the server, and it wants no password: they could read and forge jobs",
        f'{client} config set requirepass "$(openssl rand -hex 32)"  # then set it in REDIS_URL',
    )


def clock(difference: float, error: float) -> Finding:
    """Judge the server's clock.

    Args:
        difference: Seconds by which it is ahead of this host's.
        error: The possible error of the difference.
    """
    name = "redis-clock"
    if abs(difference) > _CLOCK_TOLERANCE + error:
        found = f"differs from this host's by {difference:+.1f} s: times of jobs do not match logs"
        return Finding.warning(name, found, "sudo timedatectl set-ntp true  # on both machines")
    return Finding.ok(name, "as this host's")
