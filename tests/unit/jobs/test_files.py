"""The paths of files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.files import find_conflict, find_file_fault, find_path_fault
from jobs.limits import PATH_BYTES, PATH_DEPTH, PATH_PART_BYTES


@pytest.mark.parametrize(
    "path",
    [
        *(
            "data.csv",
            "in/data.csv",
            "a b",
            ".hidden",
            "...",
            "..x",
            "ä.txt",
            "-rf",
            "a\\b",
            "C:x",
            "x" * 255,
        ),
        "/".join(["d"] * PATH_DEPTH),
    ],
)
def test_path_is_accepted_when_it_stays_in_the_folder(path: str) -> None:
    assert find_path_fault(path) is None


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("", "1 to 1024 bytes"),
        ("/etc/passwd", "relative"),
        ("//x", "relative"),
        ("..", "`..`"),
        ("a/../../x", "`..`"),
        ("./x", "`.`"),
        ("a//b", "empty parts"),
        ("folder/", "empty parts"),
        ("a\0b", "control characters"),
        ("a\nb", "control characters"),
        ("a\x7f", "control characters"),
        ("\ud800", "surrogate"),
        ("x" * (PATH_PART_BYTES + 1), "255 bytes"),
        ("é" * 128, "255 bytes"),
        ("d/" * PATH_DEPTH + "x", f"at most {PATH_DEPTH} parts"),
        ("x" * 4096, f"1 to {PATH_BYTES} bytes"),
    ],
)
def test_path_is_refused_with_its_reason_when_it_does_not(path: str, fault: str) -> None:
    assert fault in (find_path_fault(path) or "")


@given(st.text())
def test_accepted_path_names_a_file_below_the_folder(path: str) -> None:
    if find_path_fault(path) is None:
        assert not path.startswith("/")
        assert not {"", ".", ".."} & set(path.split("/"))
        assert len(path.encode()) <= PATH_BYTES


def test_file_of_the_script_is_refused_only_at_its_own_path() -> None:
    assert find_file_fault("script.py") == "is the file of the script itself"
    assert find_file_fault("script.py/data") == "has the file of the script itself as a folder"
    assert find_file_fault("script.pyc") is None
    assert find_file_fault("in/script.py") is None
    assert find_file_fault("../x") == find_path_fault("../x")


@pytest.mark.parametrize(
    ("paths", "conflict"),
    [
        ([], None),
        (["a", "b/a", "b/c"], None),
        (["a", "b", "a"], "a"),
        (["a/b", "a"], "a"),
        (["a", "a/b/c"], "a"),
        (["ab", "a/b"], None),
    ],
)
def test_conflict_is_found_when_a_path_is_taken(paths: list[str], conflict: str | None) -> None:
    assert find_conflict(paths) == conflict
