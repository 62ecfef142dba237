"""Redis: the connection, and what the server reports about itself."""

import time
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from redis import AuthenticationError, Redis, RedisError, ResponseError

from config.redis import connect
from config.settings import Settings
from doctor.checks import redis_server
from doctor.finding import Finding

_NAME: Final = "redis"

_PORT: Final = 6379

#: Characters of an error that are shown.
_ERROR_MAX: Final = 300

_START: Final = "redis-server --maxmemory 256mb --maxmemory-policy noeviction --appendonly yes"


def examine(settings: Settings) -> Iterator[Finding]:
    """Connect to REDIS_URL and check the server."""
    try:
        where = address(settings.redis_url)
    except ValueError:
        # The text of the error may contain a part of the password.
        mend = "REDIS_URL=redis://HOST:PORT/0 python-executor run  # in a password: %2F for /, %40 for @"
        yield Finding.failed(_NAME, "REDIS_URL is no valid URL", mend)
        return
    client = _client(settings)
    try:
        redis = connect(settings.redis_url)
        server = _information(redis, "server")
    except AuthenticationError as error:
        mend = "REDIS_URL=redis://:PASSWORD@HOST:PORT/0 python-executor run"
        found = f"{where} refuses the password, or wants one: {_describe(error, settings)}"
        yield Finding.failed(_NAME, found, mend)
    except ResponseError as error:
        found = f"{where} refuses commands: {_describe(error, settings)}"
        yield Finding.failed(_NAME, found, f"{client} info server")
    except (RedisError, OSError) as error:
        yield _unreachable(settings, f"{where} does not answer: {_describe(error, settings)}")
    else:
        yield redis_server.version(client, where, server, _information(redis, "replication"))
        yield redis_server.memory(client, _information(redis, "memory"))
        yield redis_server.persistence(client, _information(redis, "persistence"), _setting(redis, "save"))
        bind, protected = _setting(redis, "bind"), _setting(redis, "protected-mode")
        yield redis_server.access(client, settings.redis_url, bind, protected)
        yield redis_server.clock(*_clocks(redis))


def address(url: str) -> str:
    """Return the address in a URL of Redis, without user, password and options. Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"unix://{parts.path}"
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or "localhost"
    database = parts.path if parts.path[1:].isdigit() else ""
    return f"{parts.scheme}://{host}:{parts.port or _PORT}{database}"


def _describe(error: Exception, settings: Settings) -> str:
    """Return the text of an error without the password.

    A server repeats the arguments of a command that it does not know. Redis 5 does not know HELLO, whose
    arguments are the user and the password.
    """
    text = str(error).partition(", with args beginning with")[0]
    parts = urlsplit(settings.redis_url)
    passwords = {parts.password or "", *parse_qs(parts.query).get("password", ())}
    for password in filter(None, passwords | set(map(unquote, passwords))):
        text = text.replace(password, "***")
    return text[:_ERROR_MAX].rstrip(".")


def _client(settings: Settings) -> str:
    """Return the start of a command to the server, without its password."""
    parts = urlsplit(settings.redis_url)
    if parts.scheme == "unix":
        return f"redis-cli -s {parts.path}"
    return 'redis-cli -u "$REDIS_URL"' if "redis_url" in settings.model_fields_set else "redis-cli"


def _information(redis: Redis, section: str) -> dict[str, Any]:
    return dict(redis.info(section))


def _setting(redis: Redis, name: str) -> str | None:
    """Return a setting of the server; None if it does not tell: a managed server may refuse CONFIG."""
    try:
        value = redis.config_get(name).get(name)
    except ResponseError:
        return None
    return None if value is None else str(value)


def _unreachable(settings: Settings, found: str) -> Finding:
    if "redis_url" not in settings.model_fields_set and find_spec("cli"):
        found = f"{found}; `python-executor run` starts a server of its own, `api` and `worker` need this one"
        return Finding.warning(_NAME, found, _START)
    return Finding.failed(_NAME, found, f"{_START}  # or REDIS_URL names the right server")


def _clocks(redis: Redis) -> tuple[float, float]:
    """Return the difference of the server's clock to this host's, and its possible error, in seconds."""
    before = time.time()
    seconds, microseconds = redis.time()
    after = time.time()
    # The server read its clock at some time between the two readings.
    return seconds + microseconds / 1e6 - (before + after) / 2, (after - before) / 2
