"""What a runner reports of a result."""

import decimal
import enum
import math
from collections import OrderedDict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.guest import report


@given(
    st.dictionaries(
        st.text(),
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers()
            | st.floats(allow_nan=False, allow_infinity=False)
            | st.text(),
            lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
            max_leaves=12,
        ),
    )
)
def test_every_json_object_is_a_result(result: dict[str, Any]) -> None:
    assert report.of_result(result) == {"kind": "result", "result": result}


@pytest.mark.parametrize(
    ("result", "says"),
    [
        (None, "returned None"),
        (3, "an int"),
        ("text", "a str"),
        ([], "a list"),
        ({1: 2}, "result has the key 1, an int"),
        ({"a": [{None: 1}]}, "result['a'][0] has the key None"),
        ({"a": {1, 2}}, "result['a'] is a set"),
        ({"a": b"bytes"}, "result['a'] is a bytes"),
        ({"a": decimal.Decimal(1)}, "result['a'] is a Decimal"),
        ({"a": [1, math.nan]}, "result['a'][1] is nan"),
        ({"a": -math.inf}, "result['a'] is -inf"),
        ({"a": 10**5000}, "no JSON"),
        ({"a": object}, "result['a'] is a type"),
    ],
)
def test_what_is_no_json_object_is_refused_with_its_place(result: object, says: str) -> None:
    answer = report.of_result(result)
    assert answer["kind"] == "invalid_result"
    assert says in answer["message"]


def test_tuples_and_kinds_of_dict_count_as_their_json() -> None:
    class Colour(enum.IntEnum):
        RED = 1

    assert report.of_result({"a": (1, 2)})["kind"] == "result"
    assert report.of_result(OrderedDict(a=Colour.RED))["kind"] == "result"


def test_a_result_that_contains_itself_is_refused() -> None:
    loop: dict[str, Any] = {}
    loop["a"] = loop
    assert report.of_result(loop)["kind"] == "invalid_result"


def test_a_bottomless_result_is_refused() -> None:
    deep: dict[str, Any] = {}
    for _ in range(100_000):
        deep = {"a": deep}
    assert report.of_result(deep)["kind"] == "invalid_result"
    while deep:  # Freed link by link: the interpreter's own way down could run out of stack.
        deep = deep.pop("a")


def test_the_size_counts_in_utf_8() -> None:
    fits = {"a": "é" * (report.RESULT_BYTES // 2 - 20)}
    assert report.of_result(fits)["kind"] == "result"
    assert report.of_result({"a": "é" * (report.RESULT_BYTES // 2)})["kind"] == "result_too_large"


@pytest.mark.parametrize(
    ("code", "status"), [(None, 0), (0, 0), (3, 3), (256, 0), (-1, 255), ("text", 1), (1.5, 1), (True, 1)]
)
def test_an_exit_code_becomes_the_status_the_interpreter_would_give(code: Any, status: int) -> None:
    assert report.of_exit(SystemExit(code))["code"] == status


def test_an_exception_that_cannot_be_shown_is_still_reported() -> None:
    class Rude(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no")

    assert report.of_exception(Rude())["message"] == "Rude: <Rude>"


def test_a_long_message_is_cut() -> None:
    assert len(report.of_exception(ValueError("x" * 10**6))["message"]) < 5000
