"""What the command reads before it sends anything."""

from pathlib import Path

import pytest

from python_executor.pyexec.inputs import parse_inputs
from python_executor.pyexec.problem import Problem
from python_executor.pyexec.reading import LARGEST_FILES, read_files, read_script, read_stdin


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("value", "parsed"),
    [
        ("3", 3),
        ("null", None),
        ('"3"', "3"),
        ("[1, {}]", [1, {}]),
        ("Ada", "Ada"),
        ("", ""),
        ("a=b", "a=b"),
        ("NaN", "NaN"),
        ("-Infinity", "-Infinity"),
        ("[" * 100_000, "[" * 100_000),
        ("1" * 5000, "1" * 5000),
    ],
)
def test_input_is_json_or_text(value: str, parsed: object) -> None:
    assert parse_inputs([f"k={value}"]) == {"k": parsed}


def test_no_input_is_none() -> None:
    assert parse_inputs([]) is None


@pytest.mark.parametrize("given", [["k"], ["=1"], ["k=1", "k=2"]])
def test_input_is_refused_without_one_name(given: list[str]) -> None:
    with pytest.raises(Problem, match="--input"):
        parse_inputs(given)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"print(1)\n", "print(1)\n"),
        (b"\xef\xbb\xbfprint(1)", "print(1)"),
        (b"a\r\nb\r\n", "a\r\nb\r\n"),
        (b"# coding: latin-1\n\xe9", "# coding: latin-1\né"),
        (b"", ""),
        (b"a\0b", "a\0b"),
    ],
)
def test_script_is_decoded_as_python_does(content: bytes, text: str) -> None:
    Path("script.py").write_bytes(content)
    assert read_script("script.py") == text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"print(1)\n\n'\xff'\n", "script.py"),
        (b"# coding: utf-9\n", "unknown encoding"),
        (b"x" * (2**20 + 1), "larger than 1 MB"),
    ],
)
def test_script_is_refused_with_its_name(content: bytes, message: str) -> None:
    Path("script.py").write_bytes(content)
    with pytest.raises(Problem, match=message):
        read_script("script.py")


def test_script_is_refused_with_the_line_that_is_no_text() -> None:
    Path("script.py").write_bytes(b"\n\n\n'\xff'\n")
    with pytest.raises(Problem, match=r"script\.py: line 4 is not utf-8"):
        read_script("script.py")


@pytest.mark.parametrize("path", ["missing.py", ".", "a\0b"])
def test_script_is_refused_if_it_cannot_be_read(path: str) -> None:
    with pytest.raises(Problem):
        read_script(path)


def test_stdin_is_refused_if_it_is_no_text() -> None:
    Path("data").write_bytes(b"\xff")
    with pytest.raises(Problem, match="--file can send any bytes"):
        read_stdin("data")


def test_files_have_the_paths_that_the_user_gave(folder: Path) -> None:
    (folder / "in").mkdir()
    (folder / "in/a.bin").write_bytes(b"\xff\0")
    given = ["in/a.bin", "./in/../in/a.bin", "x=in/a.bin", f"{folder}/in/a.bin=in/a.bin"]
    assert read_files([given[0]]) == {"in/a.bin": b"\xff\0"}
    assert read_files([given[1]]) == {"a.bin": b"\xff\0"}
    assert read_files([given[2]]) == {"x": b"\xff\0"}
    assert read_files([f"{folder}/in/a.bin"]) == {"a.bin": b"\xff\0"}
    assert read_files(["./in/a.bin"]) == {"in/a.bin": b"\xff\0"}
    assert read_files([]) is None


@pytest.mark.parametrize("given", [["=a"], ["a="], ["a", "a"], ["missing"], ["."]])
def test_files_are_refused(folder: Path, given: list[str]) -> None:
    (folder / "a").write_bytes(b"")
    with pytest.raises(Problem, match="--file"):
        read_files(given)


def test_files_are_refused_when_they_are_too_large_together(folder: Path) -> None:
    (folder / "half").write_bytes(bytes(LARGEST_FILES // 2))
    (folder / "one").write_bytes(b"1")
    assert read_files(["half", "b=half"])
    with pytest.raises(Problem, match="--file one: is with the files before larger than 8 MB"):
        read_files(["half", "b=half", "one"])


def test_files_are_refused_when_they_are_too_many(folder: Path) -> None:
    (folder / "a").write_bytes(b"")
    with pytest.raises(Problem, match="at most 64 files"):
        read_files([f"{n}=a" for n in range(65)])


def test_file_without_end_is_refused() -> None:
    with pytest.raises(Problem, match="larger than 8 MB"):
        read_files(["zero=/dev/zero"])
