"""Finding the worker's cgroup, on copies of the trees of real hosts."""

import os
import time
from pathlib import Path

import pytest

from sandbox.jail.hierarchy import detect, remove_tree

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


def test_detect_finds_the_parent_when_the_worker_is_in_its_leaf(tmp_path: Path) -> None:
    _make(tmp_path, "a.scope/python-executor-worker")
    mounts = f"25 30 0:22 / {tmp_path} rw,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw\n"
    found = detect(mounts, "0::/a.scope/python-executor-worker\n")
    assert (found.path, found.unique_folders, found.top) == ("/a.scope", [tmp_path / "a.scope"], tmp_path)


def test_detect_takes_the_mount_when_the_cgroup_is_the_first_one_of_a_namespace(tmp_path: Path) -> None:
    mounts = f"25 30 0:22 / {tmp_path} rw - cgroup2 cgroup rw\n"
    found = detect(mounts, "0::/python-executor-worker\n")
    assert (found.path, found.unique_folders) == ("/", [tmp_path])


def test_remove_tree_does_not_kill_its_own_group_when_a_process_is_outside_the_namespace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cgroup.procs").write_text("0\n1234567\n")
    killed: set[int] = set()
    monkeypatch.setattr(os, "kill", lambda pid, _: killed.add(pid))
    with pytest.raises(OSError, match="not empty"):
        remove_tree(tmp_path, time.monotonic() + 0.01)
    assert killed == {1234567}
