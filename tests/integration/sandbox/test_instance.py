"""What a worker keeps on disk, and what becomes of it when the worker does not end as it should."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.errors import SandboxFailure
from sandbox.jail import hierarchy
from sandbox.jail.instance import Instance, sweep


@pytest.fixture
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("state")
    for path in (folder, *folder.parents):
        if str(path).startswith("/tmp/") and path.stat().st_uid == os.geteuid():
            path.chmod(0o755)
    return folder


def test_a_live_instance_is_never_swept(state: Path) -> None:
    with Instance(state) as instance:
        assert sweep(state) == []
        assert instance.path.is_dir()
    assert list(state.iterdir()) == []


def test_what_a_killed_worker_left_is_swept_with_its_cgroups_and_processes(state: Path) -> None:
    script = (
        "import sys, time, subprocess\nfrom pathlib import Path\nfrom sandbox.jail import hierarchy\nfrom sandbox.jail.cgroup import Cgroup\n"
        "from sandbox.jail.instance import Instance\n"
        f"instance = Instance(Path({str(state)!r}))\n"
        "group = Cgroup(hierarchy.detect(), hierarchy.instance_name(instance.id), 'jail')\n"
        "child = subprocess.Popen(['sleep', '600'], start_new_session=True)\n"
        "for file in group.join_files(): file.write_text(str(child.pid))\n"
        "print(instance.id, child.pid, flush=True)\ntime.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        instance_id, orphan = worker.stdout.readline().split()
        ended = os.pidfd_open(int(orphan))
        worker.send_signal(signal.SIGKILL)
    assert sweep(state) == [instance_id]
    assert list(state.iterdir()) == []
    name = hierarchy.instance_name(instance_id)
    assert not [place for place in hierarchy.detect().places if (place / name).exists()]
    os.close(ended)


def test_a_folder_that_only_root_may_enter_is_refused_by_name(state: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root")
    closed = state / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(SandboxFailure, match=r"STATE_DIR.*closed"):
        Instance(closed)
