"""Wheels that an environment cannot have. Each is refused with one line that names the package and the file."""

import io
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from environments.download import explain
from environments.lock import Pin
from environments.platform import PLATFORM
from tests.support.wheels import Workbench, pin, write_wheel

OTHER_PYTHON = "cp39" if sys.version_info[:2] != (3, 9) else "cp38"


def _refusal(bench: Workbench, **files: str) -> str:
    return bench.refusal(write_wheel(bench.wheels, files={"shapes.py": "", **files}))


def test_source_distribution_is_refused(bench: Workbench, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    source = bench.wheels / "shapes-1.0.tar.gz"
    with tarfile.open(source, "w:gz") as archive:
        for name, text in (
            ("setup.py", f"open({str(trace)!r}, 'w')\n"),
            ("PKG-INFO", "Name: shapes\nVersion: 1.0\n"),
        ):
            entry = tarfile.TarInfo(f"shapes-1.0/{name}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    lock = bench.wheels / "some.lock"
    lock.write_text(f"shapes==1.0 {pin(source).partition('    ')[2]}")
    assert bench.refusal_of(lock) == (
        "shapes 1.0: there is only a source distribution, and environments are built from wheels"
    )
    assert not trace.exists()


def test_wheel_with_another_hash_is_refused(bench: Workbench) -> None:
    lock = bench.lock(write_wheel(bench.wheels))
    write_wheel(bench.wheels, files={"shapes.py": "changed"})
    assert bench.refusal_of(lock) == (
        "shapes 1.0: the wheel for this Python and platform has a hash that the lock does not have"
    )


def test_wheel_for_another_python_is_refused(bench: Workbench) -> None:
    wheel = write_wheel(bench.wheels, tag=f"{OTHER_PYTHON}-{OTHER_PYTHON}-manylinux_2_17_x86_64")
    assert bench.refusal_of(bench.lock(wheel)) == "shapes 1.0: its wheels are for another Python or platform"


def test_wheel_that_an_earlier_build_left_is_examined_too(bench: Workbench) -> None:
    wheel = write_wheel(bench.wheels, tag=f"{OTHER_PYTHON}-{OTHER_PYTHON}-manylinux_2_17_x86_64")
    refusal = bench.refusal(wheel)
    assert refusal == f"shapes 1.0: {wheel.name} is for another Python or platform than {PLATFORM}"


def test_wheel_that_requires_another_python_is_refused(bench: Workbench) -> None:
    wheel = write_wheel(bench.wheels, metadata="Requires-Python: <3.9\n")
    assert bench.refusal_of(bench.lock(wheel)) == "shapes 1.0: its wheel is for another version of Python"
    assert bench.refusal(wheel).startswith("shapes 1.0: its wheel is for Python <3.9, and this is ")


def test_package_that_the_index_does_not_have_is_refused(bench: Workbench) -> None:
    lock = bench.lock(wheel := write_wheel(bench.wheels))
    wheel.unlink()
    assert bench.refusal_of(lock) == "shapes 1.0: the index has no such version"


@pytest.mark.parametrize(
    ("reason", "refusal"),
    [
        ("connection error: [Errno 111] Connection refused", "an index cannot be read: `pip download "),
        ("404 Client Error: Not Found for url: https://example.com/", "the index has no such version"),
    ],
)
def test_explain_tells_an_index_that_does_not_answer_from_one_without_the_package(
    reason: str, refusal: str
) -> None:
    output = (
        f"Could not fetch URL https://example.com/simple/shapes/: {reason} - skipping\n"
        "ERROR: No matching distribution found for shapes==1.0\n"
    )
    assert explain(output, Pin("shapes", "1.0", frozenset(), 1)).startswith(refusal)


@pytest.mark.parametrize("path", ["shapes.pth", "shapes-1.0.data/purelib/shapes.pth"])
def test_wheel_with_a_pth_file_is_refused(bench: Workbench, path: str) -> None:
    refusal = _refusal(bench, **{path: "import os\n"})
    assert refusal == "shapes 1.0: its wheel has shapes.pth, which would run code at each start of Python"


@pytest.mark.parametrize(
    "path", ["sitecustomize.py", "usercustomize.py", "sitecustomize/__init__.py", "sitecustomize.abi3.so"]
)
@pytest.mark.parametrize("folder", ["", "shapes-1.0.data/platlib/"])
def test_wheel_with_a_module_that_runs_at_each_start_is_refused(
    bench: Workbench, folder: str, path: str
) -> None:
    refusal = _refusal(bench, **{f"{folder}{path}": ""})
    assert refusal == f"shapes 1.0: its wheel has {path}, which Python would run at each start"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("../evil.py", "../evil.py"),
        ("/etc/evil.py", "/etc/evil.py"),
        ("shapes/../../evil.py", "shapes/../../evil.py"),
        ("shapes-1.0.data/purelib/../../../evil.py", "shapes-1.0.data/purelib/../../../evil.py"),
        ("shapes/./evil.py", "shapes/./evil.py"),
        ("shapes//evil.py", "shapes//evil.py"),
        ("..\\evil.py", "..\\evil.py"),
        ("a\nb.py", "'a\\nb.py'"),
        ("\x1b[2J.py", "'\\x1b[2J.py'"),
    ],
)
def test_wheel_with_a_file_that_leaves_the_folder_is_refused(bench: Workbench, path: str, shown: str) -> None:
    refusal = _refusal(bench, **{path: ""})
    assert refusal == f"shapes 1.0: its wheel has a file that leaves the folder: {shown}"
    assert not list(bench.environments.parent.rglob("evil.py"))


def test_wheel_with_a_symbolic_link_is_refused(bench: Workbench) -> None:
    wheel = write_wheel(bench.wheels)
    with zipfile.ZipFile(wheel, "a") as archive:
        link = zipfile.ZipInfo("shapes/passwd")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert bench.refusal(wheel) == "shapes 1.0: its wheel has a link or device: shapes/passwd"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_wheel_with_a_file_twice_is_refused(bench: Workbench) -> None:
    wheel = write_wheel(bench.wheels)
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("shapes.py", "another")
    assert bench.refusal(wheel) == "shapes 1.0: its wheel has shapes.py twice"


def test_wheel_is_refused_when_another_package_has_a_different_file_there(bench: Workbench) -> None:
    one = write_wheel(bench.wheels, "one", files={"same.py": "1"})
    two = write_wheel(bench.wheels, "two", files={"same.py": "2"})
    assert bench.refusal(one, two) == "two 1.0: another package has a different same.py there"
    three = write_wheel(bench.wheels, "three", files={"same.py/file": ""})
    assert "another package has a different" in bench.refusal(one, three)


@pytest.mark.parametrize("folder", ["shapes-1.0.data/purelib/", "shapes-1.0.data/platlib/"])
def test_wheel_with_files_in_the_metadata_of_another_package_is_refused(
    bench: Workbench, folder: str
) -> None:
    refusal = _refusal(bench, **{f"{folder}numpy-2.0.dist-info/METADATA": "Name: numpy\n"})
    assert refusal == "shapes 1.0: its wheel has files of another package: numpy-2.0.dist-info"


def test_wheel_compressed_in_another_way_than_deflate_is_refused(bench: Workbench) -> None:
    wheel = write_wheel(bench.wheels)
    with zipfile.ZipFile(wheel, "a", zipfile.ZIP_LZMA) as archive:
        archive.writestr("shapes.txt", "text")
    assert bench.refusal(wheel) == (
        "shapes 1.0: its wheel has shapes.txt in another compression than deflate"
    )


def test_wheel_with_the_metadata_of_another_package_is_refused(bench: Workbench) -> None:
    wheel = write_wheel(bench.wheels, "other", file_name="shapes-1.0-py3-none-any.whl")
    assert "other-1.0.dist-info" in bench.refusal(wheel)


def test_wheel_that_is_damaged_is_refused(bench: Workbench) -> None:
    wheel = write_wheel(bench.wheels, files={"shapes.py": "SIDES = 4\n" * 10})
    data = wheel.read_bytes()
    wheel.write_bytes(data.replace(b"SIDES = 4\n", b"SIDES = 5\n", 1))
    assert bench.refusal(wheel).startswith("shapes 1.0: its wheel is damaged: Bad CRC-32")
    wheel.write_bytes(b"no zip file")
    assert bench.refusal(wheel) == "shapes 1.0: its wheel is damaged: File is not a zip file"
    assert bench.refusal_of(bench.lock(wheel)).startswith("shapes 1.0: ")


@pytest.mark.parametrize(
    "name", ["shapes-1.0-py3-none-any-x-y-z.whl", "shapes-1.0-py3.whl", "-1.0-py3-none-any.whl"]
)
def test_wheel_with_an_odd_name_is_refused(bench: Workbench, name: str) -> None:
    wheel = write_wheel(bench.wheels, file_name=name)
    bench.download(wheel)
    lock = bench.wheels / "some.lock"
    lock.write_text(f"shapes==1.0 {pin(wheel).partition('    ')[2]}")
    assert bench.refusal_of(lock) == f"shapes 1.0: {name} is not the name of a wheel"


def test_refused_build_leaves_the_old_environment(bench: Workbench) -> None:
    packages = bench.build(write_wheel(bench.wheels, files={"old.py": ""}))
    bench.refusal(write_wheel(bench.wheels, "other", files={"x.pth": ""}))
    assert (packages / "old.py").exists()
    assert bench.run("check", "data").returncode == 0
