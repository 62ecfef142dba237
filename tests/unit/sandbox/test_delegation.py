"""Moving processes to a leaf and enabling controllers, on copies of the files of version 2."""

import errno
from pathlib import Path

import pytest

from sandbox.jail.delegation import delegate

_LEAF = "python-executor-worker/cgroup.procs"
_ENABLED = "+cpu +memory +pids"


@pytest.fixture
def cgroup(tmp_path: Path) -> Path:
    """A cgroup with two processes and no enabled controllers."""
    (tmp_path / "cgroup.subtree_control").write_text("")
    (tmp_path / "cgroup.procs").write_text("1\n7\n")
    return tmp_path


def _record_writes(monkeypatch: pytest.MonkeyPatch, first_busy: Path | None = None) -> list[tuple[str, str]]:
    """Record all writes in order. The first write to `first_busy` fails, and a process enters the cgroup."""
    written: list[tuple[str, str]] = []
    refused: list[Path] = []

    def write(path: Path, text: str) -> int:
        if path == first_busy and not refused:
            refused.append(path)
            with (path.parent / "cgroup.procs").open("a") as processes:
                processes.write("9\n")
            raise OSError(errno.EBUSY, "busy")
        written.append((f"{path.parent.name}/{path.name}", text))
        return len(text)

    monkeypatch.setattr(Path, "write_text", write)
    return written


def test_delegate_does_nothing_when_the_controllers_are_enabled(cgroup: Path) -> None:
    (cgroup / "cgroup.subtree_control").write_text("cpu io memory pids\n")
    delegate(cgroup)
    assert not (cgroup / "python-executor-worker").exists()


def test_delegate_moves_every_process_to_the_leaf_before_it_enables_controllers(
    cgroup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = _record_writes(monkeypatch)
    delegate(cgroup)
    enabled = (f"{cgroup.name}/cgroup.subtree_control", _ENABLED)
    assert written == [(_LEAF, "0"), (_LEAF, "1"), (_LEAF, "7"), enabled]


def test_delegate_moves_a_process_that_enters_meanwhile(
    cgroup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = _record_writes(monkeypatch, first_busy=cgroup / "cgroup.subtree_control")
    delegate(cgroup)
    assert [text for _, text in written] == ["0", "1", "7", "0", "1", "7", "9", _ENABLED]


def test_delegate_moves_all_processes_back_when_the_cgroup_stays_busy(
    cgroup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back: list[str] = []

    def write(path: Path, text: str) -> int:
        if path.name == "cgroup.subtree_control":
            raise OSError(errno.EBUSY, "busy")
        if path == cgroup / "cgroup.procs":
            back.append(text)
        else:
            with path.open("a") as leaf:
                leaf.write(f"{text}\n")
        return len(text)

    monkeypatch.setattr(Path, "write_text", write)
    with pytest.raises(OSError, match="busy"):
        delegate(cgroup)
    assert {"1", "7"} <= set(back)


def test_delegate_raises_when_the_leaf_cannot_be_made(cgroup: Path) -> None:
    (cgroup / "python-executor-worker").write_text("in the way")
    with pytest.raises(FileExistsError):
        delegate(cgroup)
