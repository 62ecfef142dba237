"""Artifacts are saved in their folder and nowhere else."""

import hashlib
from pathlib import Path

import pytest

from python_executor.artifact import Artifact
from python_executor.pyexec.saving import NotSaved, save


def artifact(path: str, content: bytes = b"new") -> Artifact:
    digest = hashlib.sha256(content).hexdigest()
    return Artifact(path, "text/plain", len(content), digest, _read=lambda: content)


def test_artifact_is_saved_under_its_path(tmp_path: Path) -> None:
    save(artifact("a/b/c.txt"), tmp_path / "made/here", overwrite=False)
    assert (tmp_path / "made/here/a/b/c.txt").read_bytes() == b"new"


@pytest.mark.parametrize(
    "path",
    ["../x", "a/../../x", "/x", "", ".", "..", "a//x", "a/", "./x", "a\0b", "a\x1b[2J", "a\nb", "\u202ex"],
)
@pytest.mark.parametrize("overwrite", [False, True])
def test_artifact_with_a_hostile_path_is_not_saved(tmp_path: Path, path: str, overwrite: bool) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(NotSaved):
        save(artifact(path), folder, overwrite=overwrite)
    assert list(tmp_path.rglob("*")) == [folder]


@pytest.mark.parametrize("overwrite", [False, True])
def test_artifact_is_not_saved_through_a_link_to_a_folder(tmp_path: Path, overwrite: bool) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    outside.mkdir()
    folder.mkdir()
    (folder / "link").symlink_to(outside)
    with pytest.raises(NotSaved):
        save(artifact("link/x"), folder, overwrite=overwrite)
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("target", ["outside", "missing"])
def test_artifact_replaces_a_link_and_not_its_target(tmp_path: Path, target: str) -> None:
    (tmp_path / "outside").write_bytes(b"old")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "x").symlink_to(tmp_path / target)
    with pytest.raises(NotSaved, match="a file of this name is there"):
        save(artifact("x"), folder, overwrite=False)
    save(artifact("x"), folder, overwrite=True)
    assert not (folder / "x").is_symlink()
    assert (folder / "x").read_bytes() == b"new"
    assert (tmp_path / "outside").read_bytes() == b"old"
    assert not (tmp_path / "missing").exists()


def test_artifact_replaces_a_file_only_when_allowed(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"old")
    with pytest.raises(NotSaved, match="a file of this name is there"):
        save(artifact("x"), tmp_path, overwrite=False)
    assert (tmp_path / "x").read_bytes() == b"old"
    save(artifact("x"), tmp_path, overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    assert (tmp_path / "x").read_bytes() == b"new"


@pytest.mark.parametrize("path", ["taken", "file/x"])
@pytest.mark.parametrize("overwrite", [False, True])
def test_artifact_is_not_saved_where_a_folder_or_file_is_in_the_way(
    tmp_path: Path, path: str, overwrite: bool
) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "file").write_bytes(b"old")
    with pytest.raises(NotSaved):
        save(artifact(path), tmp_path, overwrite=overwrite)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file", "taken"]


def test_output_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    save(artifact("x"), tmp_path / "link", overwrite=False)
    assert (tmp_path / "real/x").read_bytes() == b"new"
