"""The folder of a worker, and the removal of the folder after the worker was killed."""

import errno
import fcntl
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from sandbox.errors import SandboxFailure
from sandbox.jail import delegation, hierarchy
from sandbox.jail.hierarchy import Hierarchy
from sandbox.jail.instance import Instance, sweep


@pytest.fixture
def cgroups(nsjail: None) -> Hierarchy:
    return delegation.prepare()


@pytest.fixture
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("state")
    for path in (folder, *folder.parents):
        if str(path).startswith("/tmp/") and path.stat().st_uid == os.geteuid():
            path.chmod(0o755)
    return folder


def test_sweep_keeps_the_folder_of_a_live_worker(cgroups: Hierarchy, state: Path) -> None:
    with Instance(cgroups, state) as instance:
        assert sweep(cgroups, state) == []
        assert instance.path.is_dir()
    assert list(state.iterdir()) == []


def test_sweep_removes_folder_cgroups_and_processes_of_a_killed_worker(
    cgroups: Hierarchy, state: Path
) -> None:
    script = (
        "import subprocess, time\nfrom pathlib import Path\n"
        "from sandbox.jail import delegation, hierarchy\nfrom sandbox.jail.cgroup import Cgroup\n"
        "from sandbox.jail.instance import Instance\n"
        "cgroups = delegation.prepare()\n"
        f"instance = Instance(cgroups, Path({str(state)!r}))\n"
        "cgroup = Cgroup(cgroups, hierarchy.instance_name(instance.id), 'jail')\n"
        "child = subprocess.Popen(['sleep', '600'], start_new_session=True)\n"
        "for file in cgroup.join_files(): file.write_text(str(child.pid))\n"
        "print(instance.id, child.pid, flush=True)\ntime.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        instance_id, orphan = worker.stdout.readline().split()
        ended = os.pidfd_open(int(orphan))
        worker.send_signal(signal.SIGKILL)
    assert sweep(cgroups, state) == [instance_id]
    assert list(state.iterdir()) == []
    name = hierarchy.instance_name(instance_id)
    assert not [folder for folder in cgroups.unique_folders if (folder / name).exists()]
    os.close(ended)


def test_sweep_removes_a_folder_when_it_has_no_lock(cgroups: Hierarchy, state: Path) -> None:
    (state / "python-executor-0123456789ab/root").mkdir(parents=True)
    (state / "python-executor-main").mkdir()  # an operator's
    assert sweep(cgroups, state) == ["0123456789ab"]
    assert [path.name for path in state.iterdir()] == ["python-executor-main"]


def test_sweep_keeps_the_folder_of_a_live_worker_when_its_lock_file_was_removed(
    cgroups: Hierarchy, state: Path
) -> None:
    with Instance(cgroups, state) as instance:
        (instance.path / "lock").unlink()
        assert sweep(cgroups, state) == []
        assert instance.path.is_dir()


def test_sweep_keeps_the_folder_of_a_live_worker_that_locked_only_the_file(
    cgroups: Hierarchy, state: Path
) -> None:
    folder = state / "python-executor-0123456789ab"
    folder.mkdir()
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert sweep(cgroups, state) == []
    assert sweep(cgroups, state) == ["0123456789ab"]


def test_sweep_passes_over_a_folder_that_cannot_be_examined(
    cgroups: Hierarchy, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead, refused = state / "python-executor-0123456789ab", state / "python-executor-aaaaaaaaaaaa"
    dead.mkdir()
    refused.mkdir()
    stat = os.stat

    def refuse(path: Any, **options: Any) -> os.stat_result:
        # As the file system in user space of another user does.
        if path == refused:
            raise PermissionError(errno.EACCES, "")
        return stat(path, **options)

    monkeypatch.setattr(os, "stat", refuse)
    monkeypatch.setattr(os, "lstat", partial(refuse, follow_symlinks=False))
    assert sweep(cgroups, state) == ["0123456789ab"]


def test_sweep_keeps_a_file_system_that_is_mounted_as_a_folder_of_a_worker(
    cgroups: Hierarchy, state: Path
) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can mount")
    folder = state / "python-executor-0123456789ab"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], check=True)
    try:
        (folder / "kept").touch()
        assert sweep(cgroups, state) == []
        assert (folder / "kept").exists()
    finally:
        subprocess.run(["umount", folder], check=True)


def test_instance_names_the_folder_when_only_root_may_enter_it(cgroups: Hierarchy, state: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root")
    closed = state / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(SandboxFailure, match=r"STATE_DIR.*closed"):
        Instance(cgroups, closed)
