import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import Redis
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as NoAnswer

from config.redis import connect
from store.connections import Connections
from tests.support.wait import eventually


@pytest.fixture
def connections(redis: "Redis") -> Connections:
    return Connections(redis)


def _clients(redis: "Redis") -> set[str]:
    return {client["id"] for client in redis.client_list()}


def test_connection_is_used_again_for_the_next_command(connections: Connections) -> None:
    assert len({connections.run("CLIENT", "ID") for _ in range(5)}) == 1


def test_connection_is_used_again_when_redis_has_refused_a_command(connections: Connections) -> None:
    before = connections.run("CLIENT", "ID")
    with pytest.raises(ResponseError):
        connections.run("NO-SUCH-COMMAND")
    assert connections.run("CLIENT", "ID") == before


def test_connection_is_replaced_when_redis_has_closed_it(connections: Connections, redis: "Redis") -> None:
    before = connections.run("CLIENT", "ID")
    redis.client_kill_filter(_id=before)
    assert connections.run("CLIENT", "ID") != before


def test_connection_is_not_used_again_when_its_answer_is_still_to_come(server_url: str) -> None:
    with connect(server_url) as redis:
        redis.connection_pool.connection_kwargs["socket_timeout"] = 0.1
        connections = Connections(redis)
        before = connections.run("CLIENT", "ID")
        with pytest.raises(NoAnswer):
            connections.run("BLPOP", "nothing", 1)
        assert connections.run("ECHO", "mine") == "mine"
        assert connections.run("CLIENT", "ID") != before


def test_threads_get_their_own_answers_when_they_wait_at_once(
    connections: Connections, redis: "Redis"
) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(connections.run, "BLPOP", f"list-{n}", 10) for n in range(4)]
        eventually(lambda: redis.info("clients")["blocked_clients"] == 4, within=10, what="all wait")
        for n in range(4):
            redis.rpush(f"list-{n}", n)
    assert [answer.result() for answer in answers] == [[f"list-{n}", str(n)] for n in range(4)]


def test_forked_process_leaves_the_connection_to_its_parent(connections: Connections) -> None:
    before = connections.run("CLIENT", "ID")
    child = os.fork()
    if child == 0:
        own = connections.run("CLIENT", "ID")
        os._exit(0 if own != before else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert connections.run("CLIENT", "ID") == before


def test_close_closes_the_unused_connections(connections: Connections, redis: "Redis") -> None:
    own = str(connections.run("CLIENT", "ID"))
    assert own in _clients(redis)
    connections.close()
    assert own not in _clients(redis)


def test_threads_share_unused_connections_without_an_error_when_all_were_closed(
    connections: Connections, redis: "Redis"
) -> None:
    with ThreadPoolExecutor(8) as pool:
        for _ in range(20):
            answers = list(pool.map(lambda n: connections.run("ECHO", str(n)), range(16)))
            assert answers == [str(n) for n in range(16)]
            redis.client_kill_filter(skipme=True)


def test_commands_that_run_together_are_all_answered_when_one_is_refused(connections: Connections) -> None:
    before = connections.run("CLIENT", "ID")
    refused, answer = connections.run_together(["NO-SUCH-COMMAND"], ["ECHO", "mine"])
    assert isinstance(refused, ResponseError)
    assert answer == "mine"
    assert connections.run("CLIENT", "ID") == before
