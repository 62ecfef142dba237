import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.json_text import encode, shorten

#: Texts in which every second character is long as JSON.
_TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('\0\x1b"\\\n\ufffdé\U0001f600'))


@given(st.recursive(st.text() | st.floats(allow_nan=False), st.lists))
def test_encode_returns_text_that_utf8_can_encode_and_json_can_decode(value: object) -> None:
    text = encode(value)
    assert json.loads(text.encode()) == json.loads(json.dumps(value))


def test_encode_keeps_characters_that_utf8_can_encode() -> None:
    assert encode({"é": ["\U0001f600", "\ud800"]}) == '{"é":["\U0001f600","\\ud800"]}'


@given(text=_TEXTS, limit=st.integers(16, 100))
def test_shorten_returns_the_longest_beginning_within_both_limits(text: str, limit: int) -> None:
    def fits(beginning: str) -> bool:
        return len(beginning.encode()) <= limit and len(encode(beginning).encode()) <= 2 * limit + 2

    short = shorten(text, limit)
    assert text.startswith(short)
    assert fits(short)
    assert short == text or not fits(text[: len(short) + 1])


@pytest.mark.parametrize("character", ["x", "\n", "\0", "\ufffd", "\U0001f600"])
def test_shorten_bounds_a_megabyte_of_any_character(character: str) -> None:
    limit = 1 << 20
    short = shorten(character * limit, limit)
    assert len(short.encode()) <= limit
    assert len(encode(short).encode()) <= 2 * limit + 2
