"""The request body: strict JSON within the size limit."""

import json
import re
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.test import EnvironBuilder

from api.errors import InvalidRequest, UnsupportedMediaType
from api.json_body import StrictRequest
from api.large_bodies import LargeBodies
from jobs.limits import BODY_BYTES, REQUEST_BYTES


def read(body: bytes, content_type: str | None = "application/json") -> dict[str, Any] | list[Any]:
    builder = EnvironBuilder(method="POST", data=body, content_type=content_type)
    return StrictRequest(builder.get_environ()).get_json(silent=True)


def refusal(body: bytes) -> str:
    """Return why a body is refused, '' if it is not."""
    try:
        read(body)
    except InvalidRequest as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"a": [1, 1.5, None, True, "é😀\x00"]},
        {"n": 10**4000},
        {"deep": json.loads("[" * 150 + "]" * 150)},
        [],
        [{"a": 1}, 2],
    ],
)
def test_body_is_parsed_when_it_is_a_json_object_or_list(body: dict[str, Any] | list[Any]) -> None:
    assert read(json.dumps(body).encode()) == body


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{} {}",
        b"{'a': 1}",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": "\\ud800"}',
        b'{"\\udc00": 1}',
        b'{"a": "\xff"}',
        b'{"a": "\xed\xa0\x80"}',
        "{}".encode("utf-16"),
        b'{"a": ' + b"1" * 5000 + b"}",
        b'{"a": ' + b"[" * 1000 + b"]" * 1000 + b"}",
        b"[" * 500_000,
    ],
)
def test_body_is_refused_when_it_is_not_strict_json(body: bytes) -> None:
    with pytest.raises(InvalidRequest, match="the body is not JSON"):
        read(body)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b" ", "it is empty"),
        (b"script=1", "line 1, column 1: a JSON value should begin here"),
        (b'{"a": 1,\n "b"}', "line 2, column 5: a : should be here"),
        ('{"é": "é", é}'.encode(), "line 1, column 12: a name in double quotes should be here"),
        (b'{"a": 1', "line 1, column 7: it ends inside an object"),
        (
            b'{"a": "x\ny"}',
            "line 1, column 9: a string cannot have a control character; write a line break as \\n",
        ),
        (b'{"a": "\\ud800"}', "line 1, column 14: this escape is half of a surrogate pair"),
        (b'{"a": "\xff"}', "line 1, column 8: these bytes are not UTF-8"),
    ],
)
def test_error_names_line_and_column_when_the_body_is_not_json(body: bytes, fault: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read(body)
    assert str(caught.value) == f"the body is not JSON: {fault}"


@settings(max_examples=1000, deadline=None)
@given(body=st.text('{}[]":,\\ud8c0dbtrueanlsf-.0123456789E \n\x01é').map(str.encode) | st.binary())
def test_error_has_words_for_every_fault_when_the_body_is_arbitrary(body: bytes) -> None:
    assert "cannot be read" not in (message := refusal(body))
    assert re.fullmatch(
        r"|the body is not JSON: (it is empty|line [1-9]\d*, column [1-9]\d*: .+)"
        r"|the body must be a JSON object|.+: this number is too large",
        message,
    )


def test_error_names_the_field_when_a_number_is_too_large() -> None:
    with pytest.raises(InvalidRequest, match=r"^\[0\]\.inputs\.a\[1\]: this number is too large$") as caught:
        read(b'[{"inputs": {"a": [0, -1e999]}}]')
    assert caught.value.field == "[0].inputs.a[1]"


@pytest.mark.parametrize("body", [b"1", b"null", b'"{}"', b"true", b"-1e999"])
def test_body_is_refused_when_it_is_a_json_scalar(body: bytes) -> None:
    with pytest.raises(InvalidRequest, match="the body must be a JSON object"):
        read(body)


@pytest.mark.parametrize(
    "content_type", [None, "", "text/plain", "application/x-www-form-urlencoded", "json"]
)
def test_body_is_refused_when_its_content_type_is_not_json(content_type: str | None) -> None:
    with pytest.raises(UnsupportedMediaType):
        read(b"{}", content_type)


def test_body_is_read_as_utf8_when_the_content_type_names_another_charset() -> None:
    assert read('{"a": "é"}'.encode(), "application/json; charset=latin-1") == {"a": "é"}


class _Request(StrictRequest):
    large_bodies = LargeBodies()


def read_large(data: bytes) -> Any:
    builder = EnvironBuilder(method="POST", data=data, content_type="application/json")
    with Flask("test").app_context():
        return _Request(builder.get_environ()).get_json()


def test_body_is_refused_when_it_exceeds_the_limit() -> None:
    assert read(b"{}" + b" " * (REQUEST_BYTES - 2)) == {}
    with pytest.raises(RequestEntityTooLarge):
        read_large(b"{}" + b" " * (REQUEST_BYTES - 1))


@pytest.mark.parametrize(
    "content", ["x", "1,2\n", "\\", '"', '\\"', "é", "\U0001f600", "[[[", "]}", "\u2028\\\\n"]
)
@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("as_list", [True, False])
def test_body_is_read_when_only_the_contents_of_its_files_are_large(
    content: str, ascii_only: bool, as_list: bool
) -> None:
    files = [{"path": str(n), "content": content * 70_000} for n in range(8)]
    body: Any = {"script": "#" * (REQUEST_BYTES - 1000), "files": files}
    body = [body, {"script": ""}] if as_list else body
    assert read_large(json.dumps(body, ensure_ascii=ascii_only).encode()) == body


@pytest.mark.parametrize(
    "body",
    [
        {"script": "#" * REQUEST_BYTES},
        {"script": "", "inputs": {"files": [{"content": "x" * REQUEST_BYTES}]}},
        {"script": "", "files": {"content": "x" * REQUEST_BYTES}},
        {"script": "", "files": [{"path": "x" * REQUEST_BYTES, "content": ""}]},
        {"script": "", "files": [{"content": ["x"] * (REQUEST_BYTES // 4)}]},
        {"script": "", "files": [{"content": "x"}] * (REQUEST_BYTES // 8)},
        {"script": "é" * (REQUEST_BYTES // 2), "files": [{"content": "x" * 1000}]},
        [[]] * (REQUEST_BYTES // 2),
        [""] * (REQUEST_BYTES // 2),
        {"files": [{"content": "x" * BODY_BYTES}]},
    ],
)
def test_body_is_refused_when_more_than_the_contents_of_its_files_is_large(body: Any) -> None:
    with pytest.raises(RequestEntityTooLarge):
        read_large(json.dumps(body, ensure_ascii=False).encode())


def test_large_body_is_refused_with_the_reason_when_it_is_not_json() -> None:
    content = json.dumps("a\n" * REQUEST_BYTES).encode()
    for body in (b'{"files": [{"content": %s]}' % content, b'{"files": [{"content": %s' % content[:-1]):
        with pytest.raises(InvalidRequest, match=r"^the body is not JSON: line 1, column"):
            read_large(body)
