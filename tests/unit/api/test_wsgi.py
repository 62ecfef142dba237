"""The environ of a request."""

from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.http import wsgi
from gunicorn.http.parser import RequestParser

from api.wsgi import Answer, make_environ

CLIENT, SERVER = ("192.0.2.1", 40000), ("0.0.0.0", 8080)

#: What gunicorn makes anew for each request, or what only some applications use.
OWN = {"wsgi.errors", "wsgi.multithread", "wsgi.multiprocess", "SERVER_SOFTWARE"}
LEFT_OUT = {"wsgi.file_wrapper", "wsgi.early_hints", "SERVER_SOFTWARE"}


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: x:80\r\n",
        b"GET /jobs/a%20b%2Fc%ff?wait=1&x=%20 HTTP/1.0\r\n",
        b"POST http://example.com/execute HTTP/1.1\r\nHost: x\r\nContent-Type: a\r\nContent-Length: 0\r\n",
        b"GET /a//b HTTP/1.1\r\nHost: x\r\nX-A: 1\r\nx-a: 2\r\nX-A: 3\r\nExpect: 100-continue\r\n",
        b"GET /x HTTP/1.1\r\nHost: x\r\nScript-Name: /x\r\nPath-Info: /y\r\nSCRIPT_NAME: /z\r\n",
        b"GET /x HTTP/1.1\r\nHost: x\r\nX-Forwarded-Proto: https\r\nForwarded: for=1\r\nX-L: \xe9\r\n",
    ],
)
def test_environ_is_that_of_gunicorn(head: bytes) -> None:
    config = Config()
    config.set("forwarded_allow_ips", "")
    config.set("forwarder_headers", "")
    request = next(RequestParser(config, iter([head + b"\r\n"]), CLIENT))
    request._expected_100_continue = False
    connection: Any = object()
    _, theirs = wsgi.create(request, connection, CLIENT, SERVER, config)
    ours = make_environ(request, connection, CLIENT, SERVER)
    assert theirs.keys() - ours.keys() == LEFT_OUT
    assert {name: ours[name] for name in theirs.keys() - OWN - LEFT_OUT} == {
        name: theirs[name] for name in theirs.keys() - OWN - LEFT_OUT
    }


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
@pytest.mark.parametrize("headers", [[("Content-Length", "2")], []])
def test_head_of_an_answer_is_that_of_gunicorn(version: bytes, headers: list[tuple[str, str]]) -> None:
    config = Config()
    request = next(RequestParser(config, iter([b"GET / HTTP/%s\r\nHost: x\r\n\r\n" % version]), CLIENT))
    heads = []
    for kind in (wsgi.Response, Answer):
        answer = kind(request, None, config)
        answer.start_response("200 OK", headers)
        heads.append([line for line in answer.default_headers() if not line.startswith("Date: ")])
    assert heads[0] == heads[1]
    assert any(line.startswith("Date: ") and line.endswith(" GMT\r\n") for line in answer.default_headers())
