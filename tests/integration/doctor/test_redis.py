"""The checks of Redis, on real servers that are set up wrongly."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from redis import Redis

from doctor.finding import Status
from tests.support.doctor import examine
from tests.support.server import redis_server
from tests.support.service import free_port


def test_redis_is_ok_when_it_is_set_up_as_the_service_wants() -> None:
    with redis_server(maxmemory="100mb", maxmemory_policy="noeviction", appendonly="yes") as url:
        found = examine("redis", REDIS_URL=url).findings
    assert {name: one.status for name, one in found.items()} == {
        "redis": Status.OK,
        "redis-memory": Status.OK,
        "redis-persistence": Status.OK,
        "redis-access": Status.OK,
        "redis-clock": Status.OK,
    }


def test_redis_memory_fails_when_a_full_server_drops_keys() -> None:
    with redis_server(maxmemory="100mb", maxmemory_policy="allkeys-lru") as url:
        examined = examine("redis", REDIS_URL=url)
        found = examined.findings["redis-memory"]
        assert (examined.status, found.status) == (1, Status.FAILED)
        assert "allkeys-lru" in found.found
        assert (
            found.mend == f"redis-cli -s {url.removeprefix('unix://')} config set maxmemory-policy noeviction"
        )
        Redis.from_url(url).config_set("maxmemory-policy", "noeviction")
        assert examine("redis", REDIS_URL=url).findings["redis-memory"].status is Status.OK


def test_redis_persistence_warns_when_a_restart_loses_all_jobs() -> None:
    with redis_server() as url:
        found = examine("redis", REDIS_URL=url).findings["redis-persistence"]
        assert found.status is Status.WARNING
        Redis.from_url(url).config_set("save", "3600 1")
        assert examine("redis", REDIS_URL=url).findings["redis-persistence"].status is Status.OK


@pytest.mark.parametrize("user", ["", ":wrong@"])
def test_redis_fails_when_the_password_is_missing_or_wrong(user: str) -> None:
    with redis_server() as url:
        Redis.from_url(url).config_set("requirepass", "secret")
        found = examine("redis", REDIS_URL=url.replace("unix://", f"unix://{user}")).findings
    assert found["redis"].status is Status.FAILED
    assert "password" in found["redis"].found
    assert "wrong" not in found["redis"].found
    assert list(found) == ["redis"]


def test_redis_reports_what_it_can_when_the_server_refuses_config() -> None:
    with redis_server(maxmemory="100mb", maxmemory_policy="noeviction", appendonly="yes") as url:
        Redis.from_url(url).acl_setuser(
            "managed",
            enabled=True,
            passwords=["+secret"],
            categories=["+@all"],
            commands=["-config"],
            keys=["*"],
        )
        found = examine("redis", REDIS_URL=url.replace("unix://", "unix://managed:secret@")).findings
        assert {one.status for one in found.values()} == {Status.OK}


def test_redis_fails_when_no_server_answers() -> None:
    url = f"redis://:secret@127.0.0.1:{free_port()}/0"
    found = examine("redis", REDIS_URL=url).findings["redis"]
    assert found.status is Status.FAILED
    assert "does not answer" in found.found
    assert "secret" not in found.found


def test_redis_fails_in_time_when_the_server_is_silent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        found = examine("redis", REDIS_URL=f"redis://127.0.0.1:{silent.getsockname()[1]}/0").findings["redis"]
    assert found.status is Status.FAILED


@pytest.mark.parametrize("url", ["redis://:secret/@host:6379/0", "redis://:secret@host:port/0"])
def test_redis_shows_no_part_of_the_password_when_the_url_is_invalid(url: str) -> None:
    found = examine("redis", REDIS_URL=url).findings["redis"]
    assert found.status is Status.FAILED
    assert "secret" not in found.found


@contextmanager
def _answering(answer: Callable[[bytes], Iterator[bytes]]) -> Iterator[int]:
    """Run a server that answers its first connection; yield its port."""

    def serve() -> None:
        connection, _ = server.accept()
        try:
            with connection:
                while request := connection.recv(65536):
                    for part in answer(request):
                        connection.sendall(part)
        except OSError:
            pass  # The client has closed the connection.

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def test_redis_shows_no_password_when_the_server_repeats_the_command() -> None:
    def refuse(request: bytes) -> Iterator[bytes]:
        # As Redis 5 does, which does not know HELLO, and servers whose AUTH has another name.
        words = b" ".join(b"`%s`," % word for word in request.split(b"\r\n")[4::2])
        yield b"-ERR unknown command `HELLO`, with args beginning with: %s\r\n" % words

    with _answering(refuse) as port:
        found = examine("redis", REDIS_URL=f"redis://:secret@127.0.0.1:{port}/0").findings["redis"]
    assert found.status is Status.FAILED
    assert "unknown command `HELLO`" in found.found
    assert "secret" not in found.found


def test_redis_fails_when_the_error_of_the_server_is_long() -> None:
    with _answering(lambda _: iter([b"-ERR " + b"x" * 2_000_000 + b"\r\n"])) as port:
        found = examine("redis", REDIS_URL=f"redis://127.0.0.1:{port}/0").findings["redis"]
    assert found.status is Status.FAILED
    assert len(found.found) < 500


def test_redis_fails_with_little_memory_when_the_answer_does_not_end() -> None:
    def flood(_: bytes) -> Iterator[bytes]:
        yield b"$99999999999\r\n"
        while True:
            yield b"x" * 1_000_000

    with _answering(flood) as port:
        found = examine("redis", REDIS_URL=f"redis://127.0.0.1:{port}/0").findings["redis"]
    assert found.status is Status.FAILED
    assert "the check failed" in found.found
