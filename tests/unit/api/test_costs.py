"""Parsers of a client's bytes: their CPU time grows at most in proportion to the number of bytes.

Each test compares the cost of an input with the cost of one that is four times as long, not with a number of
seconds. The longest input is the longest that the server accepts.
"""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from typing import Any, Final

import pytest
from flask import Flask
from flask.testing import FlaskClient
from gevent import socket
from gunicorn.config import Config
from gunicorn.http.parser import RequestParser
from werkzeug.exceptions import HTTPException
from werkzeug.test import EnvironBuilder

from api.connections import Connections
from api.errors import ApiError
from api.invalid_fields import refuse
from api.json_body import StrictRequest
from api.large_bodies import LargeBodies
from api.refusal import Refused
from api.request_body import RequestBody
from api.submission import Submission, Submissions
from api.submitted_files import to_files
from jobs.limits import BODY_BYTES, REQUEST_BYTES
from tests.support.api import running_app
from tests.support.credentials import make_keys

#: The most that four times the input may cost. A quadratic parser takes sixteen times as long.
FACTOR: Final = 8

#: The most bytes that gunicorn reads at once.
PIECE: Final = 8192


@pytest.fixture(scope="module", autouse=True)
def _frozen() -> Iterator[None]:
    """Keep the objects of all other tests out of the garbage collections that these tests measure."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def _assert_linear(parse: Callable[[bytes], object], make: Callable[[int], bytes], longest: int) -> None:
    short, long = make(longest // 4), make(longest)
    # Other processes and the processor's caches only add to the time. A quadratic parser fails each time.
    assert any(_costs_little_more(parse, long, short) for _ in range(3))


def _costs_little_more(parse: Callable[[bytes], object], data: bytes, base: bytes) -> bool:
    # One measurement below the bound proves as much as the least of four.
    bound = FACTOR * max(_cost(parse, base), 1e-4)
    gc.collect()
    return any(_measure(parse, data) < bound for _ in range(4))


def _cost(parse: Callable[[bytes], object], data: bytes) -> float:
    gc.collect()
    return min(_measure(parse, data) for _ in range(4))


def _measure(parse: Callable[[bytes], object], data: bytes) -> float:
    before = time.process_time()
    parse(data)
    return time.process_time() - before


def _fill(one: bytes, size: int, separator: bytes = b",") -> bytes:
    return separator.join([one] * (size // (len(one) + len(separator))))


def _numbered(one: bytes, size: int, separator: bytes = b",") -> bytes:
    return separator.join(one % number for number in range(size // (len(one) + 4 + len(separator))))


# What gunicorn and the server parse


def _serve(data: bytes) -> None:
    """Parse a request as the server does: its head, then its body."""
    ours, client = socket.socketpair()
    pieces = (data[begin : begin + PIECE] for begin in range(0, len(data), PIECE))
    with closing(client), closing(Connections(10, 30).open(ours, "192.0.2.1")) as connection:
        connection.shutdown(socket.SHUT_RDWR)
        # Malformed requests are refused, in the middle or at the end.
        with suppress(Exception):
            request = next(RequestParser(Config(), pieces, ("192.0.2.1", 1)))
            RequestBody(request, connection).read(BODY_BYTES + 1)


LINE: Final = b"POST /jobs HTTP/1.1\r\nHost: x\r\n"
CHUNKED: Final = LINE + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("make", "longest"),
    [
        (lambda size: b"GET /" + b"x" * size + b" HTTP/1.1\r\n\r\n", 4000),
        (lambda size: b"GET /?" + b"&=%" * (size // 3) + b" HTTP/1.1\r\n\r\n", 4000),
        (lambda size: b"GET " + b" " * size + b"/ HTTP/1.1\r\n\r\n", 4000),
        (lambda size: LINE + b"A: " + b" \t" * (size // 2) + b"x\r\n\r\n", 8000),
        (lambda size: LINE + b"a" * size + b": x\r\n\r\n", 8000),
        (lambda size: LINE + b"Connection: " + b"a, " * (size // 3) + b"\r\n\r\n", 8000),
        (lambda size: LINE + _numbered(b"A%d: x", size, b"\r\n") + b"\r\n\r\n", 900),
        (lambda size: LINE + _fill(b"A: " + b"x" * 600, size, b"\r\n") + b"\r\n\r\n", 60_000),
        (lambda size: LINE + b"x" * size, 60_000),
        (lambda size: LINE + b"Content-Length: %d\r\n\r\n" % size + b"x" * size, BODY_BYTES),
        (lambda size: CHUNKED + _fill(b"1\r\nx", size, b"\r\n") + b"\r\n0\r\n\r\n", 6 * 16_000),
        (
            lambda size: CHUNKED + _fill(b"40\r\n" + b"x" * 64, size, b"\r\n") + b"\r\n0\r\n\r\n",
            REQUEST_BYTES,
        ),
        (lambda size: CHUNKED + b"%x\r\n%s\r\n0\r\n\r\n" % (size, b"x" * size), REQUEST_BYTES),
        (lambda size: CHUNKED + _fill(b"1" + b";a=b" * 200 + b"\r\nx", size, b"\r\n"), REQUEST_BYTES),
        (lambda size: CHUNKED + b"1" + b";a" * (size // 2) + b"\x00\r\nx\r\n0\r\n\r\n", 8000),
        (lambda size: CHUNKED + b"1;" + b" \t" * (size // 2) + b"\x00\r\nx\r\n0\r\n\r\n", 8000),
        (lambda size: CHUNKED + b'1;a="' + b'\\"' * (size // 2) + b"\r\nx\r\n0\r\n\r\n", 8000),
        (lambda size: CHUNKED + b"0" * size + b"1\r\nx\r\n0\r\n\r\n", 8000),
        (lambda size: CHUNKED + b"0\r\n" + _fill(b"a: " + b"x" * 80, size, b"\r\n") + b"\r\n\r\n", 8000),
        (lambda size: CHUNKED + b"0\r\n" + b"x" * size, REQUEST_BYTES),
    ],
)
def test_server_reads_a_request_in_linear_time(make: Callable[[int], bytes], longest: int) -> None:
    _assert_linear(_serve, make, longest)


def test_body_is_refused_when_it_has_too_many_chunks() -> None:
    def read(chunks: int) -> int:
        data = CHUNKED + b"1\r\nx\r\n" * chunks + b"0\r\n\r\n"
        pieces = (data[begin : begin + PIECE] for begin in range(0, len(data), PIECE))
        request = next(RequestParser(Config(), pieces, ("192.0.2.1", 1)))
        ours, client = socket.socketpair()
        with closing(client), closing(Connections(10, 30).open(ours, "192.0.2.1")) as connection:
            connection.shutdown(socket.SHUT_RDWR)
            return len(RequestBody(request, connection).read(REQUEST_BYTES + 1))

    assert read(8_192) == 8_192
    with pytest.raises(Refused):
        read(8_193)


# JSON


def _read_json(data: bytes) -> None:
    builder = EnvironBuilder(method="POST", data=data, content_type="application/json")
    with suppress(ApiError):
        body = StrictRequest(builder.get_environ()).get_json()
        try:
            Submissions.model_validate(obj=body)
        except ValueError as error:
            refuse(error)  # type: ignore[arg-type]


def _inputs(values: bytes) -> bytes:
    return b'{"script": "", "inputs": {"a": [%s]}}' % values


@pytest.mark.parametrize(
    "make",
    [
        lambda size: _inputs(_fill(b"[]", size)),
        lambda size: _inputs(_fill(b"[" * 190 + b"]" * 190, size)),
        lambda size: _inputs(_fill(b'{"a":1}', size)),
        lambda size: _inputs(_fill(b"9" * 4000, size)),
        lambda size: _inputs(b"9" * size),
        lambda size: _inputs(_fill(b"1e300", size)),
        lambda size: _inputs(b"0." + b"1" * size),
        lambda size: _inputs(b'"%s"' % (b"\\u00e9" * (size // 6))),
        lambda size: _inputs(b'"%s"' % (b"\\ud83d\\ude00" * (size // 12))),
        lambda size: _inputs(b'"%s"' % ("é".encode() * (size // 2))),
        lambda size: _inputs(b'"%s' % (b"\\" * size)),
        lambda size: _inputs(_fill(b"[]", size)) + b"x",
        lambda size: b'{"script": "", "inputs": {%s}}' % _numbered(b'"%d":1', size),
        lambda size: b'{"script": "", "inputs": {%s}}' % _fill(b'"a":1', size),
        lambda size: b"{%s}" % _fill(b'"script":""', size),
        lambda size: b"{%s}" % _numbered(b'"x%d":1', size),
        lambda size: b'{"script": "", "limits": {%s}}' % _numbered(b'"x%d":1', size),
        lambda size: b'{"script": "", "environment": "%s"}' % (b"e" * size),
        lambda size: b'{"script": "", "mode": "program", "argv": [%s]}' % _fill(b"1", size),
        lambda size: b'{"script": "", "mode": "program", "argv": [%s]}' % _fill(b'""', size),
        lambda size: b"[%s]" % _fill(b"{}", size),
        lambda size: b"[%s]" % _fill(b"{%s}" % _numbered(b'"x%d":1', 9000), size),
        lambda size: b"[" * size,
        lambda size: b" " * size,
    ],
)
def test_json_is_read_in_linear_time(make: Callable[[int], bytes]) -> None:
    _assert_linear(_read_json, make, REQUEST_BYTES - 100)


def _read_large_json(data: bytes) -> None:
    """Read a body with a share of the process that no other body has used."""

    class Request(StrictRequest):
        large_bodies = LargeBodies()

    builder = EnvironBuilder(method="POST", data=data, content_type="application/json")
    with suppress(ApiError, HTTPException, ValueError), Flask("test").app_context():
        to_files(Submission.model_validate(Request(builder.get_environ()).get_json()).files)


def _file(content: bytes, encoding: bytes = b"utf-8") -> bytes:
    file = b'{"path": "a", "content": "%s", "encoding": "%s"}'
    return b'{"script": "", "files": [%s]}' % (file % (content, encoding))


@pytest.mark.parametrize(
    "make",
    [
        lambda size: _file(b"A" * (size // 4 * 4), b"base64"),
        lambda size: _file(b"A" * (size // 4 * 4) + b"!", b"base64"),
        lambda size: _file(b"[1, 2],\\n" * (size // 9)),
        lambda size: _file(b'\\"' * (size // 2)),
        lambda size: _file(b"\\" * size),
        lambda size: _file(b"\\ud83d\\ude00" * (size // 12)),
        lambda size: b'{"script": "", "files": [%s]}' % _fill(b'{"content":"%s"}' % (b"x" * 5000), size),
        lambda size: b'{"script": "%s"}' % (b"x" * size),
        lambda size: b"[%s]" % _fill(b'""', size),
        lambda size: b"[%s]" % _fill(b"[]", size),
        lambda size: b" " * size,
    ],
)
def test_json_with_files_is_read_in_linear_time(make: Callable[[int], bytes]) -> None:
    _assert_linear(_read_large_json, make, BODY_BYTES - 100)


@pytest.mark.parametrize("value", [b"1", b"[]"])
def test_json_with_an_infinite_number_costs_little_more_than_without(value: bytes) -> None:
    body = b"[" * 190 + _fill(value, REQUEST_BYTES - 1000) + b",%s" + b"]" * 190
    assert _costs_little_more(_read_json, body % b"1e999", body % b"1e99")


# Headers, query and path


@pytest.fixture(scope="module")
def client() -> Iterator[tuple[FlaskClient, dict[str, str]]]:
    credentials, [key] = make_keys("shop")
    # There is no Redis. A request that needs it has been parsed.
    with running_app("unix:///nowhere", credentials) as app:
        yield app.test_client(), key


@pytest.mark.parametrize(
    ("path", "make", "longest"),
    [
        ("/jobs?ids=%s", lambda size: b"a," * (size // 2), 4000),
        ("/jobs?ids=%s", lambda size: b"%2C" * (size // 3), 4000),
        ("/jobs?ids=%s", lambda size: _numbered(b"%d", size), 4000),
        ("/jobs?%s", lambda size: _numbered(b"a%d=", size, b"&"), 4000),
        ("/jobs?cursor=%s", lambda size: b"1" * size, 4000),
        ("/jobs/x?wait=%s", lambda size: b"1" * size, 4000),
        ("/jobs/x?wait=%s", lambda size: b"0." + b"1" * size, 4000),
        ("/jobs/%s", lambda size: b"%C3%A9" * (size // 6), 4000),
        ("/%s", lambda size: b"/" * size, 4000),
        ("/jobs/%s", lambda size: b"x/" * (size // 2), 4000),
    ],
)
def test_query_and_path_are_read_in_linear_time(
    client: tuple[FlaskClient, dict[str, str]], path: str, make: Callable[[int], bytes], longest: int
) -> None:
    app, key = client
    _assert_linear(lambda data: app.get(path % data.decode(), headers=key), make, longest)


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("Authorization", lambda size: b"Bearer " + b"x" * size),
        ("Authorization", lambda size: b"Bearer " + b"=" * size),
        ("Authorization", lambda size: b"Bearer " + b'a="\\",' * (size // 6)),
        ("Authorization", lambda size: b"Digest " + b"a=b, " * (size // 5)),
        ("Authorization", lambda size: b"Digest " + b'"' * size),
        ("Authorization", lambda size: b"Digest a*=" + b"utf-8''%41" * (size // 10)),
        ("Authorization", lambda size: b"Basic " + b"YTph" * (size // 4)),
        ("Idempotency-Key", lambda size: b"x" * size),
        ("Content-Type", lambda size: b"application/json" + b"; a=b" * (size // 5)),
        ("Content-Type", lambda size: b"application/json" + b'; a*0="\\"' * (size // 9)),
        ("Host", lambda size: b"x." * (size // 2)),
        ("Cookie", lambda size: b"a=b; " * (size // 5)),
        ("Accept", lambda size: b"a/b;q=0.1, " * (size // 11)),
    ],
)
def test_header_is_read_in_linear_time(
    client: tuple[FlaskClient, dict[str, str]], name: str, make: Callable[[int], bytes]
) -> None:
    app, key = client

    def request(data: bytes) -> Any:
        headers = {"Content-Type": "application/json"} | key | {name: data.decode()}
        return app.post("/jobs", headers=headers, data=b'{"script": 1}')

    _assert_linear(request, make, 8000)
