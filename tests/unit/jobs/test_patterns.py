"""The patterns of artifacts."""

import re
import time
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.limits import PATH_DEPTH, PATH_PART_BYTES, PATTERN_BYTES, PATTERNS
from jobs.patterns import Patterns


def matches(pattern: str, path: str) -> bool:
    patterns = Patterns.of([pattern])
    for part in path.split("/"):
        patterns = patterns.below(part)
    return patterns.match


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("plot.png", "plot.png"),
        ("*.png", "plot.png"),
        ("?.txt", "a.txt"),
        ("[ab].txt", "b.txt"),
        ("out/*", "out/a"),
        ("*/a", "out/a"),
        ("out/**", "out/a"),
        ("out/**", "out/b/c/a"),
        ("**", "a"),
        ("**", "b/c/a"),
        ("**/*.csv", "a.csv"),
        ("**/*.csv", "b/c/a.csv"),
        ("a/**/b", "a/b"),
        ("a/**/**/b", "a/x/y/b"),
        (".*", ".hidden"),
        (".cache/*", ".cache/x"),
        ("**/.x", "a/.x"),
    ],
)
def test_pattern_matches(pattern: str, path: str) -> None:
    assert matches(pattern, path)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*.png", "out/plot.png"),
        ("*.png", "PLOT.PNG"),
        ("*", ".hidden"),
        ("**", ".cache/x"),
        ("**", "a/.cache/x"),
        ("out/*", "out/a/b"),
        ("out/**", "out"),
        ("a**", "a/b"),
        ("a/**/b", "ab"),
        ("", "a"),
    ],
)
def test_pattern_does_not_match(pattern: str, path: str) -> None:
    assert not matches(pattern, path)


_parts = st.lists(st.text("ab*?", min_size=1, max_size=4), min_size=1, max_size=4)


@given(_parts, st.lists(st.text("ab", min_size=1, max_size=3), min_size=1, max_size=4))
def test_pattern_without_any_number_of_parts_agrees_with_pathlib(pattern: list[str], path: list[str]) -> None:
    # PurePath.match ignores the first parts of the path if the pattern has fewer, and takes `**` as `*`.
    if len(pattern) == len(path) and "**" not in pattern:
        assert matches("/".join(pattern), "/".join(path)) == PurePosixPath(*path).match("/".join(pattern))


@given(st.text("*?[]!-ab.\\\\^&~|/é", max_size=24), st.text("ab.-]^é", max_size=8))
def test_pattern_of_any_text_is_accepted(pattern: str, name: str) -> None:
    assert matches(pattern, name) in (True, False)


@pytest.mark.parametrize(
    ("pattern", "folder", "expected"),
    [
        ("*.png", "a", False),
        ("a/*.png", "a", True),
        ("a/*.png", "b", False),
        ("**/*.png", "a/b", True),
        ("**", ".cache", False),
        ("a/b", "a/b", False),
    ],
)
def test_patterns_lead_on_when_a_file_below_a_folder_can_match(
    pattern: str, folder: str, expected: bool
) -> None:
    patterns = Patterns.of([pattern])
    for part in folder.split("/"):
        patterns = patterns.below(part)
    assert patterns.lead_on == expected


#: Patterns that are expensive in an engine that backtracks, within a part or over many parts.
_HOSTILE = {
    "stars": "*a" * 127 + "*b",
    "long pieces": "*" + "a" * 125 + "b*" + "a" * 125 + "b",
    "questions": "*" + "?" * 250 + "b",
    "sets": "*[ab][!c]" * 28 + "b",
    "any": "**/" * 85 + "b",
    "any and stars": "**/*a*a*b/" * 25 + "b",
    "any and one": "**/*/" * 51 + "b",
}


@pytest.mark.parametrize("name", _HOSTILE)
def test_patterns_take_bounded_time_for_a_path_when_they_are_hostile(name: str) -> None:
    pattern = _HOSTILE[name]
    assert len(pattern.encode()) <= PATTERN_BYTES
    re.purge()
    began = time.process_time()
    patterns = Patterns.of([pattern] * PATTERNS)
    for _ in range(PATH_DEPTH):
        patterns = patterns.below("a" * PATH_PART_BYTES)
    assert not patterns.match
    assert time.process_time() - began < 5
