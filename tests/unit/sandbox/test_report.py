"""The report of a runner."""

import decimal
import enum
import linecache
import math
import sys
from collections import OrderedDict, defaultdict
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.limits import RESULT_BYTES
from sandbox.guest import jsontext, report
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
        ({"a": 10**5000}, "result['a'] is an integer of about 5001 digits; at most 4300 are allowed"),
        ({"a": [-(10**4300)]}, "result['a'][0] is an integer of about 4301 digits"),
        ({"a": "x\ud83d"}, r"result['a'] has half of a surrogate pair, \ud83d, at index 1"),
        ({"a": {"\udc00": 1}}, "a key of result['a'] has half of a surrogate pair"),
        ({"\ud83d\ude00": 1, "😀": 2}, "result has the same key twice"),
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


def test_report_accepts_integers_up_to_the_bound_whatever_the_script_has_set() -> None:
    before = sys.get_int_max_str_digits()
    try:
        for digits in (0, 640, 100_000):
            sys.set_int_max_str_digits(digits)
            assert _report({"a": 10**4300 - 1})["kind"] == "result"
            assert _report({"a": [1 - 10**4300]})["kind"] == "result"
            assert _report({"a": 10**4300})["kind"] == "invalid_result"
    finally:
        sys.set_int_max_str_digits(before)


def test_report_joins_surrogate_pairs() -> None:
    assert _report({"\ud83d\ude00": ["x\ud83d\ude00", "é"]})["result"] == {"😀": ["x😀", "é"]}


def test_report_has_plain_values_when_the_result_has_subclasses() -> None:
    class Text(str):
        __slots__ = ()

        def __str__(self) -> str:
            raise ValueError

        __repr__ = __str__

    class Changing(dict[str, int]):
        def items(self) -> Any:
            self["b"] = self["a"] = self["a"] + 1
            return super().items()

    class Colour(enum.StrEnum):
        RED = "red"

    class Point(NamedTuple):
        x: int

    assert _report({Text("a"): [Text("b"), Colour.RED, Point(1), True]})["result"] == {
        "a": ["b", "red", [1], True]
    }
    assert _report(defaultdict(int, a=1))["result"] == {"a": 1}
    assert type(_report(Changing(a=1))["result"]) is dict


def test_report_names_the_place_where_a_result_contains_itself() -> None:
    loop: dict[str, Any] = {}
    loop["a"] = [loop]
    assert _report(loop)["message"] == "result['a'][0] contains itself"


def test_report_rejects_a_result_that_is_nested_too_deeply() -> None:
    deep: dict[str, Any] = {}
    for _ in range(100_000):
        deep = {"a": deep}
    answer = _report(deep)
    assert answer["message"] == "the result is nested more than 100 levels deep"
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


class _Rude:
    """Equals everything, and has no text and no number."""

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return True

    def __str__(self) -> str:
        raise SystemExit

    __repr__ = __index__ = __int__ = __str__


@pytest.mark.parametrize(
    "field",
    ["lineno", "offset", "end_lineno", "end_offset", "text", "filename", "msg", "print_file_and_line"],
)
def test_report_of_a_syntax_error_is_json_whatever_the_script_put_into_it(field: str) -> None:
    values: list[Any] = [_Rude(), True, -1, 10**5000, 1.5, b"\xff", "\ud800", float("nan"), []]
    for value in values:
        error = SyntaxError("invalid syntax", ("script.py", 3, 1, "x y", 3, 2))
        setattr(error, field, value)
        written = report.of_exception(error)
        assert jsontext.decode(jsontext.encode(written)) == written
        assert written["kind"] == "exception"
        assert written["line"] in {None, 3}


def test_report_has_the_line_of_a_syntax_error_in_the_script() -> None:
    error = SyntaxError("invalid syntax", ("script.py", 3, 1, "x y", 3, 2))
    assert report.of_exception(error)["line"] == 3
    error.filename = "other.py"
    assert report.of_exception(error)["line"] is None


@pytest.mark.parametrize("end", ["", "\n"])
def test_traceback_marks_the_expression_when_the_last_line_has_no_end(end: str) -> None:
    script = f"x = 1 / 0{end}"
    with pytest.raises(ZeroDivisionError) as raised:
        exec(compile(script, report.SCRIPT, "exec"), {})
    try:
        traceback = report.of_exception(raised.value, script)["traceback"]
    finally:
        linecache.clearcache()
    assert traceback.splitlines()[2:4] == ["    x = 1 / 0", "        ~~^~~"]
