"""The JSON encoder and decoder of the guest, compared with the json package."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.guest import jsontext

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(_VALUES)
def test_encode_gives_the_text_of_json_dumps_and_decode_reverses_it(value: Any) -> None:
    text = jsontext.encode(value)
    assert text == json.dumps(value, ensure_ascii=False)
    assert jsontext.decode(text) == value


@pytest.mark.parametrize("value", [math.nan, [math.inf], object(), {(1, 2): 3}, b"bytes"])
def test_encode_raises_the_error_of_json_dumps_when_a_value_is_not_json(value: object) -> None:
    with pytest.raises((TypeError, ValueError)) as theirs:
        json.dumps(value, allow_nan=False)
    with pytest.raises(theirs.type) as ours:
        jsontext.encode(value)
    assert str(ours.value) == str(theirs.value)


def test_encode_works_again_after_a_value_that_contains_itself() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(ValueError, match="Circular"):
        jsontext.encode(value)
    value.clear()
    assert jsontext.encode(value) == "[]"


@pytest.mark.parametrize("text", ["", "[1", "[1] ", " [1]", "{", "nul", "[1]]", "'a'"])
def test_decode_raises_when_the_text_is_not_json(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- json's own error is one, too
        jsontext.decode(text)
