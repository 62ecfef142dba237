"""Text of others in lines of the command."""

import json

from hypothesis import given
from hypothesis import strategies as st

from python_executor.pyexec.table import table
from python_executor.pyexec.text import escape, json_line

JSON = st.dictionaries(st.text(), st.text() | st.lists(st.text()) | st.floats(allow_nan=False), max_size=3)


def test_escape_makes_one_printable_line() -> None:
    assert escape("a\nb\x1b[2J\u202e é") == "a\\nb\\x1b[2J\\u202e é"


def test_escape_cuts_a_long_text() -> None:
    assert escape("x" * 11, 10) == "x" * 10 + "…"


@given(JSON)
def test_json_line_is_printable_and_means_the_same(value: object) -> None:
    line = json_line(value)
    assert line.isprintable()
    assert json.loads(line) == value


def test_json_line_keeps_letters() -> None:
    assert json_line({"a": "é\x9b\u202e👩"}) == '{"a": "é\\u009b\\u202e👩"}'


def test_table_escapes_and_aligns_its_cells() -> None:
    assert table(("A", "B"), [("1\n", "x"), ("22", "")]) == "A    B\n1\\n  x\n22"
