"""`python -m environments build` with real wheels and a real pip."""

import json
import marshal
import os
import platform
import stat
import subprocess
import sys
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from environments import wheel
from environments.installed import Broken, Installed, examine, installed
from environments.lock import Pin
from environments.platform import PLATFORM
from jobs.environment import Environment, Package
from jobs.limits import MB
from sandbox.jail.root import SITE_PACKAGES
from tests.support.wheels import Workbench, write_wheel

VERSION = "".join(map(str, sys.version_info[:2]))


def _only(bench: Workbench, preload: str = "") -> Installed:
    (found,) = examine(bench.environments, preload)
    assert isinstance(found, Installed), found
    return found


def test_environment_describes_its_packages_and_modules_when_it_is_built(
    bench: Workbench, caplog: pytest.LogCaptureFixture
) -> None:
    shapes = write_wheel(bench.wheels, "Shapes", "1.0", {"shapes/__init__.py": "", "shapes/square.py": ""})
    other = write_wheel(
        bench.wheels,
        "other",
        "2.1",
        {
            "other.py": "",
            "_other.abi3.so": b"",
            "other.libs/liba.so": b"",
            "notes/a.txt": "",
            "space/a.py": "",
        },
        metadata="License: The text\n\tof a licence\nClassifier: License :: OSI Approved :: BSD License\n",
    )
    lock = bench.lock(shapes, other)
    assert bench.run("build", "data", lock).returncode == 0
    found = _only(bench, "shapes.square, other,nowhere,shapes.circle")
    assert found.environment == Environment(
        "data",
        platform.python_version(),
        "sha256:" + bench.run("list", "--json").stdout.partition("sha256:")[2][:64],
        (Package("other", "2.1", "BSD License"), Package("Shapes", "1.0", "MIT")),
        ("_other", "other", "shapes", "space"),
        ("shapes.square", "other"),
    )
    assert found.packages.preload == found.environment.preloaded
    assert installed(bench.environments, "none")[0].packages.preload == ()
    assert not caplog.records
    assert found.packages.digest == found.environment.digest
    assert dict(found.packages.variables) == {
        f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL", "NUMEXPR")
    }
    assert found.packages.folder == (bench.environments / "data/packages").resolve()


def test_environment_has_the_digest_of_its_lock_file(bench: Workbench) -> None:
    lock = bench.lock(write_wheel(bench.wheels))
    bench.run("build", "data", lock)
    digest = subprocess.run(["sha256sum", lock], capture_output=True, text=True, check=True).stdout[:64]
    assert _only(bench).environment.digest == f"sha256:{digest}"
    assert (bench.environments / "data").readlink() == Path(f"{digest}-{PLATFORM}")


def test_environment_sets_the_backend_of_matplotlib_when_it_has_matplotlib(bench: Workbench) -> None:
    bench.build(write_wheel(bench.wheels, "matplotlib"))
    assert ("MPLBACKEND", "Agg") in _only(bench).packages.variables


def test_environment_is_readable_by_all_and_writable_by_none_whatever_the_umask(bench: Workbench) -> None:
    lock = bench.lock(write_wheel(bench.wheels, files={"shapes/__init__.py": ""}))
    umask = os.umask(0o077)
    try:
        assert bench.run("build", "data", lock).returncode == 0
    finally:
        os.umask(umask)
    packages = (bench.environments / "data/packages").resolve()
    paths = [packages.parent, *packages.parent.rglob("*")]
    modes = {stat.S_IMODE(path.lstat().st_mode) for path in paths}
    assert modes == {0o555, 0o444}
    assert stat.S_IMODE(bench.environments.stat().st_mode) == 0o755


def test_build_writes_byte_code_with_the_path_in_a_jail(bench: Workbench) -> None:
    packages = bench.build(write_wheel(bench.wheels, files={"shapes/__init__.py": "SIDES = 4\n"}))
    (compiled,) = packages.rglob("*.pyc")
    data = compiled.read_bytes()
    # PEP 552: byte code with a hash that Python does not compare.
    assert data[4:8] == b"\x01\x00\x00\x00"
    assert marshal.loads(data[16:]).co_filename == f"{SITE_PACKAGES}/shapes/__init__.py"


def test_build_leaves_out_commands_manual_pages_and_byte_code(bench: Workbench) -> None:
    data = "shapes-1.0.data"
    files: dict[str, str | bytes] = {
        "shapes/__init__.py": "",
        f"shapes/__pycache__/__init__.cpython-{VERSION}.pyc": b"other code",
        f"{data}/purelib/circle.py": "",
        f"{data}/scripts/shapes": "#!python\n",
        f"{data}/data/share/man/man1/shapes.1": "",
        f"{data}/headers/shapes.h": "",
    }
    packages = bench.build(write_wheel(bench.wheels, files=files))
    names = {path.relative_to(packages).as_posix() for path in packages.rglob("*") if path.is_file()}
    info = {f"shapes-1.0.dist-info/{name}" for name in ("METADATA", "WHEEL", "RECORD")}
    compiled = {path for path in names if path.endswith(".pyc")}
    assert names - compiled == {"shapes/__init__.py", "circle.py"} | info
    assert b"other code" not in {(packages / path).read_bytes() for path in compiled}
    assert "share/man" not in (packages / "shapes-1.0.dist-info/RECORD").read_text()
    assert "\ncircle.py,sha256=" in (packages / "shapes-1.0.dist-info/RECORD").read_text()


def test_build_keeps_a_file_that_is_no_python_of_this_version(bench: Workbench) -> None:
    packages = bench.build(write_wheel(bench.wheels, files={"shapes.py": "", "old.py": "print 'old'\n"}))
    assert (packages / "old.py").is_file()
    assert [path.name for path in packages.rglob("*.pyc")] == [f"shapes.cpython-{VERSION}.pyc"]


def test_build_runs_no_code_of_a_package(bench: Workbench, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    source = f"open({str(trace)!r}, 'w')\n"
    bench.build(write_wheel(bench.wheels, files={"shapes/__init__.py": source, "setup.py": source}))
    assert not trace.exists()


def test_packages_may_share_a_file_when_its_content_is_the_same(bench: Workbench) -> None:
    one = write_wheel(bench.wheels, "one", files={"space/__init__.py": "", "space/one.py": ""})
    two = write_wheel(bench.wheels, "two", files={"space/__init__.py": "", "space/two.py": ""})
    assert len(list((bench.build(one, two) / "space").glob("*.py"))) == 3


def test_build_shows_each_step(bench: Workbench) -> None:
    one, two = write_wheel(bench.wheels, "one"), write_wheel(bench.wheels, "two")
    ran = bench.run("build", "data", bench.lock(one, two))
    assert ran.stdout.splitlines()[:2] == ["1 of 2: one 1.0", "2 of 2: two 1.0"]
    assert ran.stdout.splitlines()[-1].startswith("data: 2 packages in ")
    assert ran.stderr == ""


def test_build_names_a_library_that_the_host_lacks(bench: Workbench) -> None:
    program = Path(sys.executable).resolve().read_bytes()
    assert b"libc.so.6\0" in program
    lacking = program.replace(b"libc.so.6\0", b"libx.so.6\0")
    ran = bench.run("build", "data", bench.lock(write_wheel(bench.wheels, files={"shapes.so": lacking})))
    assert "note: shapes.so needs libx.so.6, which this host does not have\n" in ran.stdout
    assert "libx.so.6" not in {path.name for path in _only(bench).packages.libraries}


def test_build_names_the_requirements_that_the_lock_does_not_have(bench: Workbench) -> None:
    requires = (
        "other>=1.0",
        "other>=2.0",
        "absent",
        'windows; sys_platform == "win32"',
        'more; extra == "all"',
    )
    metadata = "".join(f"Requires-Dist: {text}\n" for text in requires)
    wheels = write_wheel(bench.wheels, metadata=metadata), write_wheel(bench.wheels, "other")
    bench.download(*wheels)
    notes = [
        line for line in bench.run("build", "data", bench.lock(*wheels)).stdout.splitlines() if "note" in line
    ]
    assert notes == [
        "note: shapes needs other>=2.0, which the lock does not have",
        "note: shapes needs absent, which the lock does not have",
    ]


def test_build_gives_the_name_to_the_new_lock_and_removes_the_old_packages(bench: Workbench) -> None:
    old = bench.build(write_wheel(bench.wheels, "old"))
    new = bench.build(write_wheel(bench.wheels, "new"))
    assert _only(bench).environment.modules == ("new",)
    assert new.exists()
    assert not old.parent.exists()


def test_build_does_nothing_when_the_environment_is_there_already(bench: Workbench) -> None:
    lock = bench.lock(write_wheel(bench.wheels))
    assert bench.run("build", "data", lock).returncode == 0
    before = (bench.environments / "data/manifest.json").stat()
    for path in bench.wheels.glob("*.whl"):
        path.unlink()
    assert bench.run("build", "data", lock).returncode == 0
    assert bench.run("build", "other", lock).returncode == 0
    assert (bench.environments / "data/manifest.json").stat() == before
    assert (bench.environments / "data").readlink() == (bench.environments / "other").readlink()


def test_build_makes_a_damaged_environment_again(bench: Workbench) -> None:
    wheel = write_wheel(bench.wheels)
    file = bench.build(wheel) / "shapes.py"
    file.chmod(0o644)
    file.write_text("SIDES = 5\n")
    assert (bench.build(wheel) / "shapes.py").read_text() == "SIDES = 4\n"
    assert not list(bench.environments.glob(".removing-*"))


@pytest.mark.parametrize("name", ["stdlib", "Data", "../data", "a" * 33, "", "-data", "data-"])
def test_build_is_refused_when_the_name_cannot_be_one(bench: Workbench, name: str) -> None:
    ran = bench.run("build", "--", name, bench.lock(write_wheel(bench.wheels)))
    assert ran.returncode == 1
    assert "cannot name an environment" in ran.stderr
    assert not bench.environments.exists()


def test_build_is_refused_when_something_else_has_the_name(bench: Workbench) -> None:
    (bench.environments / "data").mkdir(parents=True)
    assert bench.refusal(write_wheel(bench.wheels)).endswith("data is not an environment: move it away")


@pytest.mark.skipif(os.geteuid() != 0, reason="only the jails of root run as other users")
def test_build_is_refused_when_the_users_of_jails_cannot_enter_the_folder(bench: Workbench) -> None:
    bench.environments.mkdir()
    bench.environments.chmod(0o700)
    assert "keeps other users out" in bench.refusal(write_wheel(bench.wheels))
    bench.environments.chmod(0o755)
    bench.build(write_wheel(bench.wheels))
    bench.environments.chmod(0o700)
    (found,) = examine(bench.environments)
    assert isinstance(found, Broken)
    assert "keeps other users out" in found.reason


def test_manifest_has_the_hash_of_every_file(bench: Workbench) -> None:
    packages = bench.build(write_wheel(bench.wheels))
    files = json.loads((packages.parent / "manifest.json").read_text())["files"]
    assert set(files) == {
        path.relative_to(packages).as_posix() for path in packages.rglob("*") if path.is_file()
    }


def test_requirement_whose_marker_cannot_be_evaluated_is_left_out(bench: Workbench) -> None:
    bench.build(write_wheel(bench.wheels, metadata="Requires-Dist: other; os_name ~= 'posix'\n"))


def test_file_of_a_wheel_is_unpacked_piece_by_piece(bench: Workbench) -> None:
    """Also if it states a smaller size than it has: zipfile would decompress all of it at once."""
    size = 64 * MB
    path = write_wheel(bench.wheels)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.bin", bytes(size))
    one = wheel.examine(path, Pin("shapes", "1.0", frozenset(), 1))
    tracemalloc.start()
    try:
        for _ in range(2):  # the second time, to compare with the same file of another package
            wheel.unpack(one, bench.environments)
        assert tracemalloc.get_traced_memory()[1] < size // 4
    finally:
        tracemalloc.stop()
    assert (bench.environments / "zeros.bin").stat().st_size == size
