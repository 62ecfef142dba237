"""The walk through a job's folder: permissions for a worker that is not root, and its bound on CPU time."""

import os
import re
import time
from pathlib import Path

import pytest

from jobs.limits import PATTERN_BYTES
from sandbox import artifacts
from sandbox.artifacts import collect


def _collect_as(user: int, folder: Path) -> str:
    """Let a process of a user collect the files in a folder that this process opens, as a runner does."""
    opened, (reader, writer) = os.open(folder, os.O_RDONLY), os.pipe()
    pid = os.fork()
    if not pid:
        try:
            if os.geteuid() != user:
                os.setgroups([])
                os.setresgid(user, user, user)
                os.setresuid(user, user, user)
            found, truncated = collect(opened, ["**"])
            contents = {artifact.path: artifact.content for artifact in found}
            os.write(writer, repr((contents, truncated)).encode())
        finally:
            os._exit(0)
    for fd in (opened, writer):
        os.close(fd)
    with os.fdopen(reader) as answer:
        os.waitpid(pid, 0)
        return answer.read()


@pytest.fixture
def locked(tmp_path: Path) -> Path:
    """A folder in which nothing has permissions."""
    folder = tmp_path / "locked"
    (folder / "in").mkdir(parents=True)
    for file in (folder / "a", folder / "in/b"):
        file.write_text("x")
        file.chmod(0)
    (folder / "in").chmod(0)
    return folder


def test_collect_reads_files_without_permissions_when_the_worker_owns_them(locked: Path) -> None:
    owner = 65534 if os.geteuid() == 0 else os.geteuid()
    if os.geteuid() == 0:
        for path in (locked, *locked.rglob("*")):
            os.chown(path, owner, owner)
    assert _collect_as(owner, locked) == "({'a': b'x', 'in/b': b'x'}, False)"


def test_collect_lists_a_file_as_dropped_when_the_worker_may_not_read_it(locked: Path) -> None:
    if os.geteuid():
        pytest.skip("only root can make a file that another user may not read")
    assert _collect_as(65534, locked) == "({'a': None}, True)"


def test_collect_stops_when_its_cpu_time_is_used_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_text("x")
    monkeypatch.setattr(artifacts, "_CPU_SECONDS", -1)
    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        assert collect(folder, ["*"]) == ((), True)
    finally:
        os.close(folder)


def test_collect_stops_when_its_patterns_are_expensive_to_compile(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    # Each takes a tenth of a second: re marks every character of each range.
    patterns = ["[" + "".join(f"{chr(256 + n + 40 * m)}-\ufff0" for n in range(35)) + "]" for m in range(32)]
    assert all(len(pattern.encode()) <= PATTERN_BYTES for pattern in patterns)
    folder = os.open(tmp_path, os.O_RDONLY)
    re.purge()
    began = time.thread_time()
    try:
        collect(folder, patterns)
    finally:
        os.close(folder)
    assert time.thread_time() - began < 2 * artifacts._CPU_SECONDS


def test_collect_stops_when_a_folder_has_more_entries_than_a_job_can_make(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abc":
        (tmp_path / name).write_text(name)
    monkeypatch.setattr(artifacts, "TMP_FILES", 2)
    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        assert collect(folder, ["*"]) == ((), True)
    finally:
        os.close(folder)
