import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from python_executor import artifact_folder
from python_executor.artifact_folder import ArtifactFolder


@pytest.fixture(params=["descriptors", "paths"], autouse=True)
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Test both ways: with descriptors of folders, and with paths, as on Windows."""
    if request.param == "paths":
        monkeypatch.setattr(artifact_folder, "_DESCRIPTORS", False)


def _tree(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def test_folder_has_the_files_under_their_paths(tmp_path: Path) -> None:
    folder = ArtifactFolder(tmp_path / "new" / "folder")
    paths = [folder.write("a.txt", b"1"), folder.write("b/c/d.txt", b"2"), folder.write("b/e", b"")]
    assert _tree(tmp_path / "new" / "folder") == {"a.txt": b"1", "b/c/d.txt": b"2", "b/e": b""}
    assert [path.read_bytes() for path in paths] == [b"1", b"2", b""]


def test_folder_keeps_the_files_that_are_there(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("mine")
    folder = ArtifactFolder(tmp_path)
    with pytest.raises(FileExistsError, match=r"/a' exists"):
        folder.check(["b", "a"])
    with pytest.raises(FileExistsError):
        folder.write("a", b"theirs")
    assert _tree(tmp_path) == {"a": b"mine"}


def test_folder_replaces_files_when_it_is_asked_to(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old and longer")
    folder = ArtifactFolder(tmp_path, overwrite=True)
    folder.check(["a"])
    folder.write("a", b"new")
    assert _tree(tmp_path) == {"a": b"new"}


@pytest.mark.parametrize("overwrite", [False, True])
def test_folder_writes_through_no_link(tmp_path: Path, *, overwrite: bool) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    (outside / "file").write_text("mine")
    (inside / "folder").symlink_to(outside)
    (inside / "file").symlink_to(outside / "file")
    (inside / "dangling").symlink_to(outside / "new")
    folder = ArtifactFolder(inside, overwrite=overwrite)
    with pytest.raises(NotADirectoryError, match="link"):
        folder.write("folder/file", b"theirs")
    for name in ("file", "dangling"):
        if overwrite:
            folder.write(name, b"theirs")
            assert not (inside / name).is_symlink()
        else:
            with pytest.raises(FileExistsError):
                folder.write(name, b"theirs")
    assert _tree(outside) == {"file": b"mine"}


def test_folder_may_be_a_link_itself(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    ArtifactFolder(tmp_path / "link").write("a/b", b"1")
    assert _tree(tmp_path / "real") == {"a/b": b"1"}


@pytest.mark.parametrize("overwrite", [False, True])
def test_folder_keeps_files_and_folders_when_an_artifact_needs_their_place(
    tmp_path: Path, *, overwrite: bool
) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    folder = ArtifactFolder(tmp_path, overwrite=overwrite)
    for path in ("file/inner", "folder", "pipe/inner"):
        with pytest.raises((FileExistsError, NotADirectoryError, IsADirectoryError)):
            folder.write(path, b"theirs")
    assert _tree(tmp_path) == {"file": b"mine"}


def test_folder_has_no_part_of_a_file_when_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_text("mine")
    monkeypatch.setattr(os, "replace", lambda *_, **__: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        ArtifactFolder(tmp_path, overwrite=True).write("a", b"theirs")
    assert _tree(tmp_path) == {"a": b"mine"}


def test_files_are_not_executable(tmp_path: Path) -> None:
    path = ArtifactFolder(tmp_path).write("a", b"#!/bin/sh")
    assert path.stat().st_mode & 0o111 == 0


@settings(max_examples=30)
@given(
    st.lists(
        st.lists(st.text("ab.~-\\:\u00e9 ", min_size=1, max_size=5), min_size=1, max_size=3).filter(
            lambda parts: not {".", ".."} & set(parts)
        ),
        max_size=5,
    )
)
def test_folder_writes_nothing_outside_of_it_for_any_path(
    tmp_path_factory: pytest.TempPathFactory, paths: list[list[str]]
) -> None:
    root = tmp_path_factory.mktemp("root")
    folder = ArtifactFolder(root / "folder")
    for parts in paths:
        try:
            folder.write("/".join(parts), b"x")
        except OSError:
            continue
    assert {path.name for path in root.iterdir()} <= {"folder"}


@pytest.mark.parametrize(
    "path", ["a\\b", "c:\\x", "file:stream", "nul", "COM1.txt", "a/con", "dot.", "space "]
)
def test_path_with_a_meaning_of_its_own_is_refused_on_windows(
    tmp_path: Path, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(artifact_folder, "_DESCRIPTORS", False)
    with pytest.raises(OSError, match="no path of a file on this system"):
        ArtifactFolder(tmp_path).write(path, b"x")
    assert not list(tmp_path.iterdir())
