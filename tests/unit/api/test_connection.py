"""The limits of a connection, on gevent's sockets. gevent does not patch the process of the tests."""

import errno
import struct
import tracemalloc
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from typing import Any

import gevent
import pytest
from gevent import socket

from api import connection as connection_module
from api import connections as connections_module
from api.connection import Connection
from api.connections import Connections
from api.refusal import Refused
from tests.support.wait import eventually

#: More than the kernel's buffer of a socket pair.
PART_BYTES = 1_000_000


@pytest.fixture
def connections() -> Connections:
    return Connections(limit=10, seconds=30)


@pytest.fixture
def pair(connections: Connections) -> Iterator[tuple[Connection, Any]]:
    with _open(connections) as pair:
        yield pair


@contextmanager
def _open(connections: Connections, address: str = "192.0.2.1") -> Iterator[tuple[Connection, Any]]:
    ours, client = socket.socketpair()
    client.settimeout(10)
    connection = connections.open(ours, address)
    connection.await_request()
    yield connection, client
    client.close()
    connection.close()
    # gevent ends a wait on a closed socket in the next iteration of its loop.
    gevent.sleep(0.001)


def _expire(connections: Connections, connection: Connection) -> None:
    connection.since -= 31
    connections.sweep(stopping=False)


def _wait_until_sending(connections: Connections) -> None:
    with gevent.Timeout(10):
        while not connections.held:
            gevent.sleep(0.001)


def test_idle_connection_ends_without_an_error_when_its_time_is_over(
    connections: Connections, pair: tuple[Connection, Any]
) -> None:
    connection, _ = pair
    reading = gevent.spawn(connection.recv, 100)
    gevent.sleep(0)
    connections.sweep(stopping=False)
    assert not reading.ready()
    _expire(connections, connection)
    assert reading.get(timeout=10) == b""


def test_started_request_is_refused_when_its_time_is_over(
    connections: Connections, pair: tuple[Connection, Any]
) -> None:
    connection, client = pair
    client.sendall(b"GET")
    assert connection.recv(100) == b"GET"
    reading = gevent.spawn(connection.recv, 100)
    gevent.sleep(0.01)
    _expire(connections, connection)
    with pytest.raises(Refused) as refused:
        reading.get(timeout=10)
    assert refused.value.status is HTTPStatus.REQUEST_TIMEOUT


def test_request_is_read_when_it_arrives_in_the_last_moment(
    connections: Connections, pair: tuple[Connection, Any]
) -> None:
    connection, client = pair
    reading = gevent.spawn(connection.recv, 100)
    gevent.sleep(0)
    client.sendall(b"GET")
    _expire(connections, connection)
    assert reading.get(timeout=10) == b"GET"


def test_answer_is_sent_when_the_time_for_the_request_is_over(
    connections: Connections, pair: tuple[Connection, Any]
) -> None:
    connection, client = pair
    client.sendall(b"GET")
    connection.recv(100)
    connection.request_complete()
    _expire(connections, connection)
    connection.sendall(b"head")
    connection.sendall(b"body")
    assert client.recv(100) == b"headbody"


def test_idle_connection_ends_after_two_seconds_when_the_server_stops(
    connections: Connections, pair: tuple[Connection, Any]
) -> None:
    connection, _ = pair
    connections.sweep(stopping=True)
    reading = gevent.spawn(connection.recv, 100)
    gevent.sleep(0)
    assert not reading.ready()
    connection.since -= 2
    connections.sweep(stopping=False)
    assert not reading.ready()
    connections.sweep(stopping=True)
    assert reading.get(timeout=10) == b""


def test_longest_waiting_connection_is_closed_when_the_limit_is_reached() -> None:
    connections = Connections(limit=3, seconds=30)
    with ExitStack() as stack:
        readings = []
        for _ in range(3):
            connection, _ = stack.enter_context(_open(connections))
            readings.append(gevent.spawn(connection.recv, 100))
            gevent.sleep(0)
        assert readings[0].get(timeout=10) == b""
        assert not any(reading.ready() for reading in readings[1:])


def test_connection_of_the_address_with_the_most_is_closed_when_the_limit_is_reached() -> None:
    connections = Connections(limit=5, seconds=30)
    with ExitStack() as stack:
        readings = []
        # The last two addresses belong to one client.
        for address in ("192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2", "::ffff:192.0.2.3"):
            connection, _ = stack.enter_context(_open(connections, address))
            readings.append(gevent.spawn(connection.recv, 100))
            gevent.sleep(0)
        assert readings[2].get(timeout=10) == b""
        assert not any(reading.ready() for reading in (*readings[:2], *readings[3:]))


def test_slow_reader_is_disconnected_when_the_limit_is_reached() -> None:
    connections = Connections(limit=2, seconds=30)
    with _open(connections) as (connection, _):
        connection.request_complete()
        connection.sendall(b"head")
        sending = gevent.spawn(connection.sendall, b"x" * 10_000_000)
        _wait_until_sending(connections)
        with _open(connections), pytest.raises(BrokenPipeError):
            sending.get(timeout=10)


def test_connection_is_not_closed_when_its_request_is_being_answered() -> None:
    connections = Connections(limit=1, seconds=30)
    with _open(connections) as (connection, client):
        client.sendall(b"GET")
        connection.recv(100)
        connection.request_complete()
        with _open(connections):
            connection.sendall(b"head")
            connection.sendall(b"body")
            assert client.recv(100) == b"headbody"


def test_memory_is_refused_to_one_key_when_it_holds_half(
    monkeypatch: pytest.MonkeyPatch, connections: Connections
) -> None:
    monkeypatch.setattr(connections_module, "_HELD_BYTES", 100_000)
    with (
        _open(connections) as (first, _),
        _open(connections) as (second, _),
        _open(connections) as (other, _),
    ):
        # The server learns the key after it has read the head.
        first.head_complete(interim_answers=True)
        first.hold(40_000)
        for connection, owner in ((first, "shop"), (second, "shop"), (other, "school")):
            connection.set_owner(owner)
        with pytest.raises(Refused) as refused:
            second.hold(20_000)
        assert refused.value.status is HTTPStatus.SERVICE_UNAVAILABLE
        other.hold(20_000)
        first.release()
        second.hold(1)
    assert connections.held == 0


def test_memory_is_refused_to_heads_when_they_hold_a_quarter(
    monkeypatch: pytest.MonkeyPatch, connections: Connections
) -> None:
    monkeypatch.setattr(connections_module, "_HELD_BYTES", 100_000)
    with (
        _open(connections) as (first, _),
        _open(connections) as (second, _),
        _open(connections) as (other, _),
    ):
        other.head_complete(interim_answers=True)
        first.hold(20_000)
        with pytest.raises(Refused):
            second.hold(20_000)
        other.hold(40_000)
    assert connections.held == 0


def test_request_is_refused_when_its_head_is_too_long(
    monkeypatch: pytest.MonkeyPatch, pair: tuple[Connection, Any]
) -> None:
    monkeypatch.setattr(connection_module, "_HEAD_BYTES", 10)
    connection, client = pair
    client.sendall(b"x" * 10)
    assert connection.recv(100) == b"x" * 10
    client.sendall(b"x")
    with pytest.raises(Refused) as refused:
        connection.recv(100)
    assert refused.value.status is HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE


def test_large_request_is_refused_when_there_is_no_memory_for_it(
    monkeypatch: pytest.MonkeyPatch, connections: Connections, pair: tuple[Connection, Any]
) -> None:
    monkeypatch.setattr(connections_module, "_HELD_BYTES", 50_000)
    connection, client = pair
    connection.head_complete(interim_answers=True)
    for _ in range(5):
        client.sendall(b"x" * 10_000)
        gevent.sleep(0)
        connection.recv(10_000)
    client.sendall(b"x")
    with pytest.raises(Refused) as refused:
        connection.recv(10_000)
    assert refused.value.status is HTTPStatus.SERVICE_UNAVAILABLE
    connection.await_request()
    assert connections.held == 0


def test_small_request_is_read_when_there_is_no_memory(
    monkeypatch: pytest.MonkeyPatch, connections: Connections, pair: tuple[Connection, Any]
) -> None:
    monkeypatch.setattr(connections_module, "_HELD_BYTES", 0)
    connection, client = pair
    client.sendall(b"GET")
    assert connection.recv(100) == b"GET"


def test_request_is_refused_when_it_has_too_many_bytes(
    monkeypatch: pytest.MonkeyPatch, pair: tuple[Connection, Any]
) -> None:
    monkeypatch.setattr(connection_module, "_RECEIVED_BYTES", 10)
    connection, client = pair
    connection.head_complete(interim_answers=True)
    client.sendall(b"x" * 11)
    with pytest.raises(Refused) as refused:
        connection.recv(100)
    assert refused.value.status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def test_small_pieces_are_received_together_when_there_are_many(pair: tuple[Connection, Any]) -> None:
    connection, client = pair
    received = []

    def read() -> None:
        while data := connection.recv(8192):
            received.append(data)

    reading = gevent.spawn(read)
    for _ in range(1000):
        client.sendall(b"x")
        gevent.sleep(0)
    client.shutdown(socket.SHUT_WR)
    reading.get(timeout=10)
    assert b"".join(received) == b"x" * 1000
    assert len(received) < 200


def test_client_is_disconnected_when_it_stops_reading(
    monkeypatch: pytest.MonkeyPatch, connections: Connections, pair: tuple[Connection, Any]
) -> None:
    monkeypatch.setattr(connection_module, "_SEND_SECONDS", 0.01)
    connection, _ = pair
    connection.sendall(b"head")
    with pytest.raises(BrokenPipeError) as error:
        connection.sendall(b"x" * 10_000_000)
    # gunicorn logs an error with another number with a traceback.
    assert error.value.errno == errno.EPIPE


def test_client_is_disconnected_when_there_is_no_memory_for_its_unsent_answer(
    monkeypatch: pytest.MonkeyPatch, connections: Connections, pair: tuple[Connection, Any]
) -> None:
    monkeypatch.setattr(connections_module, "_HELD_BYTES", 1_000_000)
    connection, client = pair
    connection.sendall(b"head")
    with pytest.raises(BrokenPipeError):
        connection.sendall(b"x" * 10_000_000)
    client.close()
    connection.close()
    assert (connections.held, connections.count) == (0, 0)


@pytest.mark.parametrize(("size", "yields"), [(100, False), (100_000, True)])
def test_other_connections_go_first_when_a_large_answer_took_long(
    pair: tuple[Connection, Any], size: int, yields: bool
) -> None:
    connection, client = pair
    client.sendall(b"GET")
    connection.recv(100)
    connection._turn -= 1
    other = gevent.spawn(str)
    connection.sendall(b"head")
    connection.sendall(b"x" * size)
    assert other.ready() == yields


def test_head_without_a_body_is_sent_before_the_next_request(pair: tuple[Connection, Any]) -> None:
    connection, client = pair
    connection.sendall(b"head")
    connection.await_request()
    assert client.recv(100) == b"head"


def test_answer_is_received_when_the_client_has_sent_more_than_was_read(pair: tuple[Connection, Any]) -> None:
    connection, client = pair
    client.sendall(b"x" * 1000)
    connection.sendall(b"refused")
    closing = gevent.spawn(connection.close)
    assert client.recv(100) == b"refused"
    client.close()
    closing.get(timeout=10)


@pytest.fixture
def tcp_pair(connections: Connections) -> Iterator[tuple[Connection, Any]]:
    """A connection over TCP that has received the head of a request."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = socket.create_connection(server.getsockname())
        ours, _ = server.accept()
    connection = connections.open(ours, "127.0.0.1")
    connection.await_request()
    connection.head_complete(interim_answers=True)
    connection.request_complete()
    yield connection, client
    client.close()
    connection.close()
    gevent.sleep(0.001)


@pytest.mark.parametrize("sent", [b"", b"GET"])
def test_client_has_not_left_when_the_connection_is_open(
    tcp_pair: tuple[Connection, Any], sent: bytes
) -> None:
    connection, client = tcp_pair
    client.sendall(sent)
    assert not connection.has_left()


@pytest.mark.parametrize("sent", [b"", b"GET"])
def test_client_has_left_when_it_has_closed_the_connection(
    tcp_pair: tuple[Connection, Any], sent: bytes
) -> None:
    connection, client = tcp_pair
    client.sendall(sent)
    client.close()
    # The first call sends a probe, which the kernel of the client answers with a reset.
    eventually(connection.has_left, within=10, what="the client has left")


def test_client_has_left_when_it_has_reset_the_connection(tcp_pair: tuple[Connection, Any]) -> None:
    connection, client = tcp_pair
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
    assert connection.has_left()


def test_client_gets_its_answer_when_it_has_closed_its_own_side(tcp_pair: tuple[Connection, Any]) -> None:
    connection, client = tcp_pair
    client.shutdown(socket.SHUT_WR)
    assert not any(connection.has_left() for _ in range(5))
    connection.sendall(b"head")
    connection.sendall(b"body")
    assert client.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\nheadbody"


def test_client_gets_no_interim_answer_when_it_speaks_http_1_0(tcp_pair: tuple[Connection, Any]) -> None:
    connection, client = tcp_pair
    connection.head_complete(interim_answers=False)
    client.shutdown(socket.SHUT_WR)
    assert not connection.has_left()
    connection.sendall(b"head")
    connection.sendall(b"body")
    assert client.recv(1000) == b"headbody"


def test_unsent_answer_takes_no_memory_of_its_own(
    connections: Connections, pair: tuple[Connection, Any]
) -> None:
    connection, client = pair
    answer = b"x" * 10_000_000
    tracemalloc.start()
    connection.sendall(b"head")
    sending = gevent.spawn(connection.sendall, answer)
    _wait_until_sending(connections)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000
    assert connections.held == len(b"head" + answer)
    received = bytearray()
    while len(received) < connections.held:
        received += client.recv(1_000_000)
    assert received == b"head" + answer
    sending.get(timeout=10)


def test_stream_counts_only_the_part_that_is_unsent(
    connections: Connections, pair: tuple[Connection, Any]
) -> None:
    connection, client = pair
    connection.sendall(b"head")
    for _ in range(3):
        sending = gevent.spawn(connection.sendall, bytes(PART_BYTES))
        _wait_until_sending(connections)
        assert connections.held < 2 * PART_BYTES
        received = 0
        while received < PART_BYTES:
            received += len(client.recv(PART_BYTES))
        sending.get(timeout=10)
        assert connections.held == 0


def test_stream_is_woken_when_its_client_closes_its_side_and_when_it_leaves(
    connections: Connections, pair: tuple[Connection, Any]
) -> None:
    connection, client = pair
    woken = []
    with connection.streaming(b":\n", lambda: woken.append(1)):
        connections.sweep(stopping=False)
        assert not woken
        client.shutdown(socket.SHUT_WR)
        for _ in range(2):
            connections.sweep(stopping=False)
        assert len(woken) == 1
        assert not connection.stream_must_end()
        assert client.recv(10) == b":\n"
        client.close()
        connections.sweep(stopping=False)
        assert len(woken) == 2
        assert connection.stream_must_end()
    assert not connection.cut_off


def test_stream_must_end_when_the_process_stops(
    connections: Connections, pair: tuple[Connection, Any]
) -> None:
    connection, _ = pair
    woken = []
    with connection.streaming(b":\n", lambda: woken.append(1)):
        connections.sweep(stopping=True)
        assert woken
        assert connection.stream_must_end()
    assert connection.cut_off
