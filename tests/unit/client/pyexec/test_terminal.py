"""The filter of a script's output on a terminal."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_executor.pyexec.terminal import RESET, TerminalFilter, ends_line

#: What the filter may let through besides text.
SAFE = re.compile(r"\x1b\[[0-9;:]*m|[\t\n\r]")


def shown(*parts: str, colour: bool = True) -> str:
    made = TerminalFilter(colour=colour)
    return "".join(map(made.feed, parts)) + made.end()


@pytest.mark.parametrize("text", ["plain\n", "a\tb\r\n", "50%\rdone", "Zoë 日本 👩‍👩‍👧", "שלום\u200f!"])
def test_filter_keeps_text(text: str) -> None:
    assert shown(text) == text


@pytest.mark.parametrize(
    "attack",
    [
        *("\x1b]52;c;ZXZpbA==\x07", "\x1b]0;title\x1b\\", "\x1b]8;;http://a/\x07"),
        *("\x1b[2J", "\x1b[1A", "\x1b[H", "\x1b[?1049h", "\x1b[6n", "\x1b[K", "\x1bc", "\x1b7", "\x1b#8"),
        *(
            "\x1bP$q\x1b\\",
            "\x1b_x\x1b\\",
            "\x1b^x\x1b\\",
            "\x1b[>31m",
            "\x1b[?31m",
            "\x1b[31\x18m",
            "\x1b[ m",
        ),
        *("\x9b2J", "\x9d0;title\x9c", "\x90", "\x85", "\x84"),
        *("\b", "\a", "\v", "\f", "\x0e", "\x00", "\x7f", "\u2028", "\u2029"),
        *("\u202egnp", "\u2066a\u2069", "\ud800"),
    ],
)
def test_filter_shows_control_characters_of_a_terminal(attack: str) -> None:
    output = shown(attack)
    assert output == attack.encode("unicode_escape").decode().replace("\\\\", "\\")
    for n in range(1, len(attack)):
        assert shown(attack[:n], attack[n:]) == output


@pytest.mark.parametrize(
    ("styles", "kept"),
    [
        ("31", "31"),
        ("0;1;38;5;196;48;2;1;2;3", "0;1;38;5;196;48;2;1;2;3"),
        ("38:2::1:2:3", "38:2::1:2:3"),
        ("1;7;31", "1;31"),
        ("01;07;31", "01;31"),
        ("", "0"),
        (";31", "0;31"),
        ("31;38;7;1", "31"),
        ("38;5", None),
        ("38;5;;7", None),
        ("7", None),
        ("8", None),
        ("5", None),
        ("48:5:7", "48:5:7"),
    ],
)
def test_filter_keeps_colours_and_drops_other_styles(styles: str, kept: str | None) -> None:
    assert shown(f"\x1b[{styles}mx") == (f"\x1b[{kept}mx{RESET}" if kept else "x")


def test_filter_drops_colours_where_none_are_wanted() -> None:
    assert shown("\x1b[31mred\x1b[0m", colour=False) == "red"


def test_filter_joins_a_colour_that_came_in_parts() -> None:
    assert shown("a\x1b", "[3", "1", "mb") == f"a\x1b[31mb{RESET}"


def test_filter_shows_a_sequence_that_never_ends() -> None:
    assert shown("a\x1b[31") == "a\\x1b[31"
    assert shown("\x1b[" + "1;" * 100) == "\\x1b[" + "1;" * 100


@given(st.lists(st.text(st.sampled_from("\x1b\x9b[]();:?0178m\nab\x07\\\u202e")), max_size=5), st.booleans())
def test_filter_lets_no_control_through(parts: list[str], colour: bool) -> None:
    output = shown(*parts, colour=colour)
    assert SAFE.sub("", output).isprintable()
    assert colour or "\x1b" not in output
    assert not re.search(
        r"\x1b\[(?:[0-9;]*;)?0*7[;m]", re.sub(r"[34]8;5;\d+|[34]8;2;\d+;\d+;\d+", "", output)
    )
    assert shown("".join(parts), colour=colour) == output


@pytest.mark.parametrize(
    ("text", "before", "ends"),
    [
        ("a\n", False, True),
        ("a", True, False),
        ("a\n\x1b[0m", False, True),
        ("\x1b[0m", True, True),
        ("\x1b[0m", False, False),
        ("a\r", True, False),
    ],
)
def test_line_ends_after_a_line_feed(text: str, before: bool, ends: bool) -> None:
    assert ends_line(text, before) is ends
