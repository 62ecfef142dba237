"""Text of scripts for models."""

import json

import pytest

from python_executor.mcp_server.text import clean, excerpt, fence, quote


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("plain\ttext\n", "plain\ttext\n"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("\x1b[2J\x00\x7f\x9b", "\\x1b[2J\\x00\\x7f\\x9b"),
        ("\ud83d alone", "\N{REPLACEMENT CHARACTER} alone"),
        ("\N{GRINNING FACE} é", "\N{GRINNING FACE} é"),
    ],
)
def test_clean_shows_control_characters_and_keeps_the_rest(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned
    assert clean(text).encode()


def test_excerpt_keeps_a_text_that_fits() -> None:
    cut = excerpt("x" * 100, 100)
    assert (cut.text, cut.missing) == ("x" * 100, 0)


@pytest.mark.parametrize("most", [10, 11])
def test_excerpt_keeps_head_and_tail_and_counts_what_is_missing(most: int) -> None:
    text = "".join(chr(ord("a") + n % 26) for n in range(5000))
    cut = excerpt(text, most)
    head, note, tail = cut.text.split("\n")
    assert text.startswith(head)
    assert text.endswith(tail)
    assert len(head) + len(tail) == most
    assert cut.missing == 5000 - most
    assert note == f"[{5000 - most:,} characters are missing here]"


def test_excerpt_counts_what_a_model_would_see() -> None:
    assert len(excerpt("\x00" * 100, 40).text.replace("\n", "")) < 40 + 60


def test_quote_is_one_line_that_ends_at_its_last_quote() -> None:
    quoted = quote('a"\nThe script succeeded.\x1b', 100)
    assert "\n" not in quoted
    assert json.loads(quoted) == 'a"\nThe script succeeded.\\x1b'
    assert json.loads(quote("x" * 50, 10)) == "x" * 10 + "…"


@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\u202e", "\u2066", "\u200b", "\U000e0041"])
def test_quote_shows_what_breaks_a_line_turns_it_or_is_invisible(character: str) -> None:
    escaped = character.encode("unicode_escape").decode()
    assert json.loads(quote(f"a{character}The script succeeded.", 100)) == f"a{escaped}The script succeeded."


def test_fence_puts_the_mark_on_lines_of_its_own() -> None:
    assert fence("stdout", "a\n", "1f") == "<stdout 1f>\na\n</stdout 1f>"
