"""List, check and remove environments, and what a worker does with a broken one."""

import json
import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from config.settings import Settings
from environments import installed
from environments.folder import Folder
from environments.installed import Broken, examine
from environments.platform import PLATFORM
from tests.support.checkout import ROOT
from tests.support.wheels import Workbench, write_wheel


def _open_up(packages: Path) -> None:
    for path in (packages.parent, packages, *packages.rglob("*")):
        path.chmod(path.stat().st_mode | 0o200)


def test_list_prints_each_environment_with_versions_and_licences(bench: Workbench) -> None:
    bench.build(write_wheel(bench.wheels, "one"), write_wheel(bench.wheels, "two", metadata=""))
    digest = next(iter(examine(bench.environments)))
    ran = bench.run("list")
    assert ran.returncode == 0
    assert "  one 1.0  MIT\n  two 1.0  licence not stated\n" in ran.stdout
    (first, *_) = ran.stdout.splitlines()
    assert isinstance(digest, installed.Installed)
    assert first == f"data  Python {digest.environment.python}  {digest.environment.digest}"


def test_list_prints_json(bench: Workbench) -> None:
    packages = bench.build(write_wheel(bench.wheels))
    whole = json.loads(bench.run("list", "--json").stdout)
    assert whole["broken"] == []
    (one,) = whole["environments"]
    assert (one["name"], one["modules"], one["folder"]) == ("data", ["shapes"], str(packages))
    assert one["packages"] == [{"name": "shapes", "version": "1.0", "license": "MIT"}]


def test_list_says_that_there_is_none(bench: Workbench) -> None:
    ran = bench.run("list")
    assert (ran.returncode, ran.stdout) == (0, f"no environment in {bench.environments}\n")
    assert not bench.environments.exists()


def test_check_succeeds_when_nothing_changed(bench: Workbench) -> None:
    bench.build(write_wheel(bench.wheels))
    ran = bench.run("check")
    assert (ran.returncode, ran.stdout) == (0, "data: every file is as it was built\n")


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda folder: (folder / "shapes.py").write_text("SIDES = 5\n"), "changed: shapes.py"),
        (lambda folder: (folder / "shapes.py").unlink(), "missing: shapes.py"),
        (lambda folder: (folder / "added.py").touch(), "added: added.py"),
        (lambda folder: (folder / "added").symlink_to("/etc"), "added: added"),
        (
            lambda folder: (
                (folder / "shapes.py").unlink(),
                (folder / "shapes.py").symlink_to("/etc/passwd"),
            ),
            "changed: shapes.py",
        ),
    ],
)
def test_check_names_the_file_when_it_was_changed_removed_or_added(
    bench: Workbench, change: Callable[[Path], object], line: str
) -> None:
    packages = bench.build(write_wheel(bench.wheels))
    bench.build(write_wheel(bench.wheels, "other"), name="other")
    _open_up(packages)
    change(packages)
    ran = bench.run("check")
    assert (ran.returncode, ran.stdout) == (1, f"data: {line}\nother: every file is as it was built\n")
    assert bench.run("check", "other").returncode == 0


@pytest.mark.parametrize("command", ["check", "remove"])
def test_command_is_refused_when_there_is_no_such_environment(bench: Workbench, command: str) -> None:
    bench.build(write_wheel(bench.wheels))
    ran = bench.run(command, "other")
    assert ran.returncode == 1
    assert ran.stderr == (
        f"python-executor environment: there is no environment 'other' in {bench.environments}\n"
    )


def test_remove_takes_the_name_and_the_files_away(bench: Workbench) -> None:
    packages = bench.build(write_wheel(bench.wheels))
    bench.build(write_wheel(bench.wheels), name="same")
    assert bench.run("remove", "data").returncode == 0
    assert packages.exists()
    assert bench.run("remove", "same").returncode == 0
    assert not packages.parent.exists()
    assert [path.name for path in bench.environments.iterdir()] == [".lock"]


def test_files_stay_until_the_worker_that_uses_them_has_ended(bench: Workbench) -> None:
    packages = bench.build(write_wheel(bench.wheels))
    source = (
        "import pathlib, sys\nfrom environments.installed import installed\n"
        "print(len(installed(pathlib.Path(sys.argv[1]), '')), flush=True)\nsys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", source, bench.environments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as worker:
        assert worker.stdout
        assert worker.stdout.readline() == "1\n"
        bench.build(write_wheel(bench.wheels, "other"))
        assert bench.run("remove", "data").returncode == 0
        bench.run("list")
        assert (packages / "shapes.py").exists()
        worker.communicate()
    bench.run("list")
    assert not packages.parent.exists()


def test_build_is_refused_when_another_one_is_running(bench: Workbench) -> None:
    bench.environments.mkdir()
    wheel = write_wheel(bench.wheels)
    with Folder(bench.environments).changing():
        assert bench.refusal(wheel) == f"another build or removal is running in {bench.environments}"
    bench.build(wheel)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda folder: (folder / "manifest.json").unlink(), "No such file"),
        (lambda folder: (folder / "manifest.json").write_text("{"), "is damaged"),
        (lambda folder: (folder / "manifest.json").write_text('{"form": 1}'), "is damaged"),
        (lambda folder: (folder / "manifest.json").write_text('{"form": 99}'), "another version"),
        (lambda folder: (folder / "packages").rename(folder / "away"), "packages is missing"),
        (lambda folder: folder.rename(folder.with_name("away")), "is missing"),
        (
            lambda folder: (folder / "manifest.json").write_text(
                (folder / "manifest.json").read_text().replace(PLATFORM, "cp30-m68k")
            ),
            f"it was built for cp30-m68k, and this is {PLATFORM}: build it again",
        ),
    ],
)
def test_worker_leaves_out_a_broken_environment_and_logs_it(
    bench: Workbench, damage: Callable[[Path], object], reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    packages = bench.build(write_wheel(bench.wheels))
    bench.build(write_wheel(bench.wheels, "other"), name="other")
    _open_up(packages)
    damage(packages.parent)
    with caplog.at_level(logging.ERROR):
        (one,) = installed.installed(bench.environments, "")
    assert one.environment.name == "other"
    (record,) = caplog.records
    assert record.getMessage().startswith("NOT OFFERED: environment data: ")
    assert reason in record.getMessage()
    ran = bench.run("list")
    assert ran.returncode == 1
    assert "data  BROKEN: " in ran.stdout


@pytest.mark.parametrize(
    ("preload", "messages"),
    [
        ("shapes,shpaes", ["PRELOAD names modules that no environment has: shpaes"]),
        ("shapes", []),
        ("", []),
        (Settings.model_fields["preload"].default, []),
    ],
)
def test_worker_warns_when_no_environment_has_a_module_of_preload(
    bench: Workbench, preload: str, messages: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    bench.build(write_wheel(bench.wheels))
    installed.installed(bench.environments, preload)
    assert caplog.messages == messages


def test_link_that_leads_out_of_the_folder_is_no_environment(bench: Workbench) -> None:
    bench.environments.mkdir()
    (bench.environments / "data").symlink_to("/etc")
    (found,) = examine(bench.environments)
    assert isinstance(found, Broken)
    assert found.reason.endswith("/data does not lead to an environment: /etc")


def test_command_of_the_operator_starts_it(bench: Workbench) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "cli.main", "environment", "list"],
        cwd=ROOT,
        env=bench.variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (0, f"no environment in {bench.environments}\n")
