"""The report of a runner."""

import decimal
import enum
import math
from collections import OrderedDict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.limits import RESULT_BYTES
from sandbox.guest import report
from sandbox.guest.report import of_result


def _report(result: object) -> dict[str, Any]:
    return of_result(result, RESULT_BYTES)


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
def test_report_has_the_result_when_it_is_a_json_object(result: dict[str, Any]) -> None:
    assert _report(result) == {"kind": "result", "result": result}


@pytest.mark.parametrize(
    ("result", "message"),
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
def test_report_names_the_invalid_part_when_a_result_is_not_a_json_object(
    result: object, message: str
) -> None:
    answer = _report(result)
    assert answer["kind"] == "invalid_result"
    assert message in answer["message"]


def test_report_accepts_tuples_and_subclasses_of_dict() -> None:
    class Colour(enum.IntEnum):
        RED = 1

    assert _report({"a": (1, 2)})["kind"] == "result"
    assert _report(OrderedDict(a=Colour.RED))["kind"] == "result"


def test_report_rejects_a_result_that_contains_itself() -> None:
    loop: dict[str, Any] = {}
    loop["a"] = loop
    assert _report(loop)["kind"] == "invalid_result"


def test_report_rejects_a_result_that_is_nested_too_deeply() -> None:
    deep: dict[str, Any] = {}
    for _ in range(100_000):
        deep = {"a": deep}
    assert _report(deep)["kind"] == "invalid_result"
    while deep:  # Free it level by level: recursive deallocation could overflow the stack.
        deep = deep.pop("a")


def test_report_counts_the_size_of_a_result_in_utf_8_bytes() -> None:
    fits = {"a": "é" * (RESULT_BYTES // 2 - 20)}
    assert _report(fits)["kind"] == "result"
    assert _report({"a": "é" * (RESULT_BYTES // 2)})["kind"] == "result_too_large"


@pytest.mark.parametrize(
    ("code", "status"), [(None, 0), (0, 0), (3, 3), (256, 0), (-1, 255), ("text", 1), (1.5, 1), (True, 1)]
)
def test_report_has_the_exit_status_that_the_interpreter_would_give(code: Any, status: int) -> None:
    assert report.of_exit(SystemExit(code))["code"] == status


def test_report_names_the_type_when_str_of_an_exception_raises() -> None:
    class Rude(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no")

    assert report.of_exception(Rude())["message"] == "Rude: <Rude>"


def test_report_shortens_a_long_message() -> None:
    assert len(report.of_exception(ValueError("x" * 10**6))["message"]) < 5000
