"""The files of a release."""

import json
import re
import subprocess
import sys
import tomllib
import zipfile
from datetime import datetime
from pathlib import Path

import pytest

from release.lock import read_pins
from release.sbom import check_schema
from tests.support.checkout import ROOT
from tests.support.release import COMMIT_TIME

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
VERSION = PROJECT["project"]["version"]
WHEEL = f"python_executor-{VERSION}-py3-none-any.whl"
SDIST = f"python_executor-{VERSION}.tar.gz"


def test_release_has_each_distribution_with_its_sbom_and_the_checksums(dist: Path) -> None:
    names = {path.name for path in dist.iterdir()}
    assert names == {"SHA256SUMS", WHEEL, SDIST, f"{WHEEL}.cdx.json", f"{SDIST}.cdx.json"}


def test_sha256sum_accepts_the_checksums(dist: Path) -> None:
    checked = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"],
        cwd=dist,
        capture_output=True,
        text=True,
        check=True,
    )
    assert sorted(checked.stdout.splitlines()) == sorted(
        f"{path.name}: OK" for path in dist.iterdir() if path.name != "SHA256SUMS"
    )


def test_wheel_contains_every_file_of_the_rooms_and_nothing_else(dist: Path) -> None:
    rooms = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    listed = subprocess.run(["git", "ls-files", *rooms], cwd=ROOT, capture_output=True, text=True, check=True)
    with zipfile.ZipFile(dist / WHEEL) as wheel:
        files = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert files == set(listed.stdout.split())
    assert {"config/nsjail.cfg", "config/seccomp-x86_64.kafel", "store/lua/claim.lua"} <= files


def test_sdist_builds_the_same_wheel(dist: Path, tmp_path: Path) -> None:
    subprocess.run(["tar", "--extract", "--file", dist / SDIST, "--directory", tmp_path], check=True)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)],
        cwd=tmp_path / SDIST.removesuffix(".tar.gz"),
        env={"SOURCE_DATE_EPOCH": str(COMMIT_TIME)},
        capture_output=True,
        check=True,
    )
    assert (tmp_path / WHEEL).read_bytes() == (dist / WHEEL).read_bytes()


@pytest.mark.parametrize("name", [WHEEL, SDIST])
def test_sbom_describes_the_packages_of_the_locks(dist: Path, name: str) -> None:
    text = (dist / f"{name}.cdx.json").read_text()
    check_schema(text, name)
    sbom = json.loads(text)
    components = {component["name"]: component for component in sbom["components"]}
    here = {
        pin.name: pin
        for pin in read_pins(ROOT / "requirements/run.lock")
        if not pin.marker or pin.marker.evaluate()
    }
    assert components.keys() == here.keys()
    for package, pin in here.items():
        component = components[package]
        assert component["version"] == pin.version
        assert component["purl"] == f"pkg:pypi/{package}@{pin.version}"
        assert {found["content"] for found in component["hashes"]} == set(pin.hashes)
        assert component["licenses"], package


def test_sbom_names_its_artifact_and_the_time_of_the_commit(dist: Path) -> None:
    sbom = json.loads((dist / f"{WHEEL}.cdx.json").read_text())
    metadata = sbom["metadata"]
    [digest] = re.findall(rf"^(\w+)  {re.escape(WHEEL)}$", (dist / "SHA256SUMS").read_text(), re.MULTILINE)
    assert datetime.fromisoformat(metadata["timestamp"]).timestamp() == COMMIT_TIME
    assert metadata["component"]["version"] == VERSION
    assert metadata["component"]["licenses"] == [{"license": {"id": "MIT"}}]
    assert metadata["component"]["hashes"] == [{"alg": "SHA-256", "content": digest}]
    others = json.loads((dist / f"{SDIST}.cdx.json").read_text())
    assert sbom["serialNumber"] != others["serialNumber"]
