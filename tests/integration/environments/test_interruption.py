"""Builds and removals that are killed: the old environment stays, and nothing is left for ever."""

import multiprocessing
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from environments import build as builder
from environments import check
from environments.folder import Folder, discard
from environments.installed import Installed, examine
from tests.support.checkout import ROOT
from tests.support.wait import eventually
from tests.support.wheels import COMMAND, Workbench, write_wheel

#: The audit events of steps that change the environments.
CHANGES = {"os.mkdir", "os.rename", "os.symlink", "os.remove", "os.rmdir", "fcntl.flock", "subprocess.Popen"}


def _killed(step: int, run: Callable[[], object]) -> bool:
    """Run a function in a process that is killed before a step; return whether it got that far."""
    process = multiprocessing.get_context("fork").Process(target=_run, args=(step, run))
    process.start()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


def _run(step: int, run: Callable[[], object]) -> None:
    left = step

    def count(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        writes = (
            event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        )
        if event in CHANGES or writes:
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    run()


def _modules(bench: Workbench) -> dict[str, tuple[str, ...]]:
    """Return the modules of each environment; every file must be as it was built."""
    found = {}
    for one in examine(bench.environments):
        assert isinstance(one, Installed), one
        assert list(check.compare(one.packages.folder.parent)) == []
        found[one.environment.name] = one.environment.modules
    return found


def _left(bench: Workbench) -> set[str]:
    """Return what is in the folder besides names, the folders that they lead to, downloads and the lock."""
    names = Folder(bench.environments).names()
    expected = {*names, *(str((bench.environments / name).readlink()) for name in names)}
    return {path.name for path in bench.environments.iterdir()} - expected - {".downloads", ".lock"}


@contextmanager
def _copies(bench: Workbench) -> Iterator[None]:
    """Let a test change the environments; put them back afterwards."""
    kept = bench.environments.with_name("kept")
    shutil.copytree(bench.environments, kept, symlinks=True)
    try:
        yield
    finally:
        discard(bench.environments)
        kept.rename(bench.environments)


def _clear(folder: Folder) -> None:
    with folder.changing():
        folder.clear()


@pytest.mark.timeout(600)
def test_build_leaves_nothing_broken_when_it_is_killed_at_any_step(bench: Workbench) -> None:
    bench.build(write_wheel(bench.wheels, "old"))
    lock = bench.lock(write_wheel(bench.wheels, "new"))
    (bench.environments / ".downloads").mkdir()
    # The index has the wheel no more, so each build must use the one that was downloaded.
    (bench.wheels / "new-1.0-py3-none-any.whl").rename(
        bench.environments / ".downloads/new-1.0-py3-none-any.whl"
    )
    folder = Folder(bench.environments)

    def build() -> None:
        builder.build(folder, "data", lock, lambda _: None)

    killed, step, seen = True, 0, set()
    while killed:
        step += 1
        with _copies(bench):
            killed = _killed(step, build)
            seen.add(_modules(bench)["data"])
            _clear(folder)
            assert _left(bench) == set()
            build()
            assert _modules(bench) == {"data": ("new",)}
            assert _left(bench) == set()
            assert not (bench.environments / ".downloads").exists()
    assert seen == {("old",), ("new",)}
    assert step > 20


def test_removal_leaves_nothing_broken_when_it_is_killed_at_any_step(bench: Workbench) -> None:
    bench.build(write_wheel(bench.wheels, "kept"), name="kept")
    bench.build(write_wheel(bench.wheels, "shapes"))
    folder = Folder(bench.environments)

    def remove() -> None:
        with folder.changing():
            folder.unlink("data")
            folder.clear()

    killed, step, seen = True, 0, set()
    while killed:
        step += 1
        with _copies(bench):
            killed = _killed(step, remove)
            seen.add("data" in _modules(bench))
            _clear(folder)
            assert _left(bench) == set()
            assert _modules(bench)["kept"] == ("kept",)
    assert seen == {True, False}
    assert step > 5


@pytest.mark.timeout(600)
def test_build_goes_on_where_it_was_when_it_is_killed_at_a_line_of_progress(bench: Workbench) -> None:
    wheels = [write_wheel(bench.wheels, name) for name in ("one", "two")]
    lock = bench.lock(*wheels)
    number, killed = 0, True
    while killed:
        killed = _killed_after_line(bench, number, "build", "data", lock)
        downloaded = {path.name for path in (bench.environments / ".downloads").glob("*.whl")}
        assert bench.run("list").returncode == 0
        # A wheel that is there is not downloaded again, so the index need not have it.
        for name in downloaded:
            assert (bench.environments / ".downloads" / name).exists()
            (bench.wheels / name).unlink(missing_ok=True)
        number += 1
    assert number > 5
    assert _modules(bench) == {"data": ("one", "two")}
    assert _left(bench) == set()


def _killed_after_line(bench: Workbench, number: int, *arguments: str | Path) -> bool:
    """Run the command and kill it after a line of its output; return whether it got that far."""
    with subprocess.Popen(
        [*COMMAND, *map(str, arguments)], cwd=ROOT, env=bench.variables, stdout=subprocess.PIPE, text=True
    ) as command:
        assert command.stdout
        for index, _ in enumerate(command.stdout):
            if index == number:
                command.kill()
                break
    assert command.returncode in (0, -signal.SIGKILL)
    return command.returncode != 0


def test_pip_ends_when_its_build_is_killed(bench: Workbench) -> None:
    """An orphaned pip would write into a folder that the next build uses."""
    # pip waits for the answer of an index that accepts connections and says nothing.
    with socket.create_server(("127.0.0.1", 0)) as index:
        variables = {**bench.variables, "PIP_INDEX_URL": f"http://127.0.0.1:{index.getsockname()[1]}/simple"}
        del variables["PIP_NO_INDEX"]
        lock = bench.lock(write_wheel(bench.wheels))
        command = subprocess.Popen([*COMMAND, "build", "data", str(lock)], cwd=ROOT, env=variables)
        connection, _ = index.accept()
        (pip,) = psutil.Process(command.pid).children()
        command.kill()
        command.wait()
        eventually(
            lambda: not pip.is_running() or pip.status() == psutil.STATUS_ZOMBIE,
            within=20,
            what="pip has ended",
        )
        connection.close()
    assert bench.run("build", "data", lock).returncode == 0
    assert _left(bench) == set()
