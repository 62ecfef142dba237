from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_executor import strict_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.just(object()),
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner)
        | st.dictionaries(st.text() | st.integers(), inner)
        | st.sets(st.text())
    ),
    max_leaves=10,
)


@given(VALUES)
def test_value_that_is_accepted_arrives_as_it_is(value: Any) -> None:
    try:
        strict_json.check("value", value)
    except ValueError:
        return
    assert strict_json.decode(strict_json.encode(value)) == _with_lists(value)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"rows": [1, 2, float("nan")]}, "inputs['rows'][2]: nan is not a JSON value"),
        ({"a": {1: 2}}, "inputs['a']: the key 1 is not a string"),
        ({"a": b"x"}, "inputs['a']: a bytes is not a JSON value"),
        ({"a": {1, 2}}, "inputs['a']: a set is not a JSON value"),
        ({"n": 10**5000}, "inputs['n']: Exceeds the limit"),
    ],
)
def test_message_names_the_place_when_a_value_is_not_json(value: Any, message: str) -> None:
    with pytest.raises(ValueError, match="inputs") as raised:
        strict_json.check("inputs", value)
    assert str(raised.value).startswith(message)


def test_value_that_contains_itself_is_refused() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(ValueError, match="levels deep"):
        strict_json.check("inputs", value)


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", '{"a": -Infinity}', "", "[" * 100_000, "{", b"\xff"])
def test_text_that_is_not_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        strict_json.decode(text)


def _with_lists(value: Any) -> Any:
    """Return the value with lists for its tuples: JSON has no others."""
    if isinstance(value, dict):
        return {key: _with_lists(inner) for key, inner in value.items()}
    return [_with_lists(inner) for inner in value] if isinstance(value, list | tuple) else value
