"""Finding the worker's cgroup and enabling its controllers, on copies of the trees of real hosts."""

import errno
from pathlib import Path

import pytest

from sandbox.jail.hierarchy import Hierarchy, detect

_V1_SEPARATE_TREES = """\
31 23 0:28 / {root} rw,relatime - tmpfs tmpfs rw,mode=755
32 31 0:29 / {root}/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
35 31 0:32 / {root}/memory rw,relatime - cgroup cgroup rw,memory
39 31 0:36 / {root}/pids rw,relatime - cgroup cgroup rw,pids
41 31 0:38 / {root}/unified rw,relatime - cgroup2 cgroup2 rw
"""


def _make(root: Path, *names: str) -> None:
    for name in names:
        (root / name).mkdir(parents=True)


def test_detect_finds_its_own_cgroup_in_each_tree_of_version_1(tmp_path: Path) -> None:
    _make(tmp_path, "cpu,cpuacct", "memory/service/worker", "pids", "unified")
    own = "9:cpu,cpuacct:/\n4:memory:/service/worker\n8:pids:/\n0::/\n"
    found = detect(_V1_SEPARATE_TREES.format(root=tmp_path), own)
    assert found.version == 1
    assert found.folders == {
        "cpu": tmp_path / "cpu,cpuacct",
        "cpuacct": tmp_path / "cpu,cpuacct",
        "memory": tmp_path / "memory/service/worker",
        "pids": tmp_path / "pids",
    }
    assert len(found.unique_folders) == 3


def test_detect_takes_the_mount_when_it_shows_the_cgroup_of_the_container(tmp_path: Path) -> None:
    _make(tmp_path, "memory")
    mounts = f"35 31 0:32 /docker/abc {tmp_path}/memory rw - cgroup cgroup rw,memory\n"
    assert detect(mounts, "4:memory:/docker/abc\n").folders == {"memory": tmp_path / "memory"}
    assert detect(mounts, "4:memory:/elsewhere\n").folders == {"memory": tmp_path / "memory"}


def test_detect_takes_the_writable_mount_when_there_are_two(tmp_path: Path) -> None:
    _make(tmp_path, "given", "own")
    given = f"175 156 0:32 /python-executor {tmp_path}/given rw,relatime - cgroup cgroup rw,memory\n"
    own = f"165 161 0:32 /docker/abc {tmp_path}/own ro,nosuid - cgroup cgroup rw,memory\n"
    for mounts in (given + own, own + given):
        assert detect(mounts, "4:memory:/docker/abc\n").folders == {"memory": tmp_path / "given"}


def test_detect_finds_the_available_controllers_of_version_2(tmp_path: Path) -> None:
    _make(tmp_path, "system.slice/worker")
    own = tmp_path / "system.slice/worker"
    (own / "cgroup.controllers").write_text("cpu io memory pids\n")
    mounts = f"25 30 0:22 / {tmp_path} rw - cgroup2 cgroup2 rw,nsdelegate\n"
    found = detect(mounts, "0::/system.slice/worker\n")
    assert found.version == 2
    assert found.folders == dict.fromkeys(("memory", "pids", "cpuacct", "cpu"), own)


def test_detect_finds_only_the_cpu_clock_when_version_2_has_no_controllers(tmp_path: Path) -> None:
    (tmp_path / "cgroup.controllers").write_text("\n")
    mounts = f"25 30 0:22 / {tmp_path} rw - cgroup2 cgroup2 rw\n"
    assert set(detect(mounts, "0::/\n").folders) == {"cpuacct"}


def test_detect_finds_no_controllers_when_there_are_no_cgroups() -> None:
    assert detect("", "").folders == {}


def _version_2(root: Path, enabled: str = "") -> Hierarchy:
    (root / "cgroup.subtree_control").write_text(enabled)
    return Hierarchy(2, dict.fromkeys(("memory", "pids", "cpuacct", "cpu"), root))


def test_delegate_moves_the_worker_to_a_leaf_before_it_enables_controllers(tmp_path: Path) -> None:
    _version_2(tmp_path).delegate()
    assert (tmp_path / "python-executor-worker/cgroup.procs").read_text() == "0"
    assert (tmp_path / "cgroup.subtree_control").read_text() == "+cpu +memory +pids"


def test_delegate_does_nothing_when_the_controllers_are_enabled(tmp_path: Path) -> None:
    _version_2(tmp_path, "cpu io memory pids").delegate()
    assert not (tmp_path / "python-executor-worker").exists()


#: The mount of version 2 in a cgroup namespace: the container's own cgroup looks like the first one.
_V2_PRIVATE = "25 30 0:22 / {root} rw,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw\n"


def _container(root: Path, *processes: str) -> Hierarchy:
    files = {
        "cgroup.type": "domain\n",
        "cgroup.controllers": "cpu io memory pids\n",
        "cgroup.subtree_control": "",
        "cgroup.procs": "".join(f"{pid}\n" for pid in processes),
    }
    for name, text in files.items():
        (root / name).write_text(text)
    return detect(_V2_PRIVATE.format(root=root), "0::/\n")


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


_LEAF = "python-executor-worker/cgroup.procs"


def test_delegate_moves_every_process_of_a_container_to_the_leaf(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hierarchy = _container(tmp_path, "1", "7")
    written = _record_writes(monkeypatch)
    hierarchy.delegate()
    enabled = (f"{tmp_path.name}/cgroup.subtree_control", "+cpu +memory +pids")
    assert written == [(_LEAF, "0"), (_LEAF, "1"), (_LEAF, "7"), enabled]


@pytest.mark.parametrize(("own", "has_a_type"), [("/user.slice/session.scope", True), ("/", False)])
def test_delegate_moves_no_other_process_outside_a_container(
    tmp_path: Path, own: str, has_a_type: bool
) -> None:
    _container(tmp_path, "1", "7")
    if not has_a_type:  # like the first cgroup of a host
        (tmp_path / "cgroup.type").unlink()
    detect(_V2_PRIVATE.format(root=tmp_path), f"0::{own}\n").delegate()
    assert (tmp_path / "python-executor-worker/cgroup.procs").read_text() == "0"


def test_delegate_moves_a_process_that_enters_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hierarchy = _container(tmp_path, "1")
    written = _record_writes(monkeypatch, first_busy=tmp_path / "cgroup.subtree_control")
    hierarchy.delegate()
    assert [text for _, text in written] == ["0", "1", "0", "1", "9", "+cpu +memory +pids"]


def test_delegate_raises_when_the_cgroup_stays_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hierarchy = _container(tmp_path, "1")

    def write(path: Path, text: str) -> int:
        if path.name == "cgroup.subtree_control":
            raise OSError(errno.EBUSY, "busy")
        raise ProcessLookupError

    monkeypatch.setattr(Path, "write_text", write)
    with pytest.raises(OSError, match="busy"):
        hierarchy.delegate()


def test_detect_finds_the_parent_when_the_worker_is_in_its_leaf(tmp_path: Path) -> None:
    _container(tmp_path)
    (tmp_path / "python-executor-worker").mkdir()
    found = detect(_V2_PRIVATE.format(root=tmp_path), "0::/python-executor-worker\n")
    assert (found.unique_folders, found.container) == ([tmp_path], True)


def test_delegate_raises_when_the_leaf_cannot_be_made(tmp_path: Path) -> None:
    hierarchy = _container(tmp_path, "1")
    (tmp_path / "python-executor-worker").write_text("in the way")
    with pytest.raises(FileExistsError):
        hierarchy.delegate()
