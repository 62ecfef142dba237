"""The files of a release."""

import json
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from pathlib import Path

import pytest

from release.lock import read_pins
from release.sbom import check_schema
from tests.support.checkout import ROOT
from tests.support.release import COMMIT_TIME

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
VERSION = PROJECT["project"]["version"]


@dataclass(frozen=True)
class Made:
    """A distribution that a release contains.

    Attributes:
        name: The name of its files.
        project: The folder of its pyproject.toml.
        lock: The lock file of the packages that it needs.
    """

    name: str
    project: str
    lock: str

    @property
    def wheel(self) -> str:
        return f"{self.name}-{VERSION}-py3-none-any.whl"

    @property
    def sdist(self) -> str:
        return f"{self.name}-{VERSION}.tar.gz"


SERVICE = Made("python_executor", ".", "requirements/run.lock")
CLIENT = Made("python_executor_client", "client", "requirements/client.lock")
MADE = (SERVICE, CLIENT)
FILES = {name: made for made in MADE for name in (made.wheel, made.sdist)}

each_distribution = pytest.mark.parametrize("made", MADE, ids=lambda made: made.name)


def _tracked(*paths: str, folder: str = ".") -> set[str]:
    """Return the files of the repository at some paths of a folder, relative to the folder."""
    listed = subprocess.run(
        ["git", "ls-files", *paths], cwd=ROOT / folder, capture_output=True, text=True, check=True
    )
    return set(listed.stdout.splitlines())


def _files_of_wheel(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as wheel:
        return {name for name in wheel.namelist() if ".dist-info/" not in name}


def test_release_has_each_distribution_with_its_sbom_and_the_checksums(dist: Path) -> None:
    names = {path.name for path in dist.iterdir()}
    assert names == {"SHA256SUMS", *FILES, *(f"{name}.cdx.json" for name in FILES)}


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


def test_wheel_of_the_service_contains_every_file_of_the_rooms_and_nothing_else(dist: Path) -> None:
    rooms = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    files = _files_of_wheel(dist / SERVICE.wheel)
    assert files == _tracked(*rooms)
    assert {"config/nsjail.cfg", "config/seccomp-x86_64.kafel", "store/lua/claim.lua"} <= files
    pages = {"templates/queue.html", "static/queue/main.js", "static/vendor/LICENSES.txt"}
    assert {f"api/pages/{path}" for path in pages} <= files


def test_wheel_of_the_client_contains_every_file_of_its_package_and_nothing_else(dist: Path) -> None:
    files = _files_of_wheel(dist / CLIENT.wheel)
    assert files == _tracked("python_executor", folder="client")
    assert "python_executor/py.typed" in files


def test_sdist_of_the_client_contains_the_folder_of_the_client_and_nothing_else(dist: Path) -> None:
    with tarfile.open(dist / CLIENT.sdist) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    # Hatchling adds the metadata, and the .gitignore that it obeyed.
    assert names - {"PKG-INFO", ".gitignore"} == _tracked(folder="client")


def test_wheel_of_the_client_has_the_metadata_of_a_package_index(dist: Path) -> None:
    with zipfile.ZipFile(dist / CLIENT.wheel) as wheel:
        [path] = [name for name in wheel.namelist() if name.endswith("/METADATA")]
        metadata = message_from_bytes(wheel.read(path))
        licences = [wheel.read(name) for name in wheel.namelist() if name.endswith("/licenses/LICENSE")]
    assert (metadata["Name"], metadata["Version"]) == ("python-executor-client", VERSION)
    assert metadata["License-Expression"] == "MIT"
    assert licences == [(ROOT / "LICENSE").read_bytes()]
    assert metadata.get_all("Provides-Extra") == ["mcp"]
    project = tomllib.loads((ROOT / "client/pyproject.toml").read_text())["project"]
    needed = [*project["dependencies"], *project["optional-dependencies"]["mcp"]]
    names = {re.split(r"[ <>=;[]", line)[0] for line in metadata.get_all("Requires-Dist", [])}
    assert names == {re.split(r"[ <>=;[]", line)[0] for line in needed}
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert metadata.get_payload() == (ROOT / "client/README.md").read_text()


@each_distribution
def test_sdist_builds_the_same_wheel(made: Made, dist: Path, tmp_path: Path) -> None:
    subprocess.run(["tar", "--extract", "--file", dist / made.sdist, "--directory", tmp_path], check=True)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)],
        cwd=tmp_path / made.sdist.removesuffix(".tar.gz"),
        env={"SOURCE_DATE_EPOCH": str(COMMIT_TIME)},
        capture_output=True,
        check=True,
    )
    assert (tmp_path / made.wheel).read_bytes() == (dist / made.wheel).read_bytes()


@pytest.mark.parametrize("name", FILES)
def test_sbom_describes_the_packages_of_the_locks(dist: Path, name: str) -> None:
    text = (dist / f"{name}.cdx.json").read_text()
    check_schema(text, name)
    sbom = json.loads(text)
    components = {
        component["name"]: component
        for component in sbom["components"]
        if component["purl"].startswith("pkg:pypi/")
    }
    here = {
        pin.name: pin for pin in read_pins(ROOT / FILES[name].lock) if not pin.marker or pin.marker.evaluate()
    }
    assert components.keys() == here.keys()
    for package, pin in here.items():
        component = components[package]
        assert component["version"] == pin.version
        assert component["purl"] == f"pkg:pypi/{package}@{pin.version}"
        assert {found["content"] for found in component["hashes"]} == set(pin.hashes)
        assert component["licenses"], package


@each_distribution
def test_sbom_describes_the_javascript_of_the_pages_if_the_distribution_has_it(
    made: Made, dist: Path
) -> None:
    lock = json.loads((ROOT / "requirements/pages/package-lock.json").read_text())["packages"]
    pinned = {path.removeprefix("node_modules/"): package for path, package in lock.items()}
    for file in (made.wheel, made.sdist):
        components = json.loads((dist / f"{file}.cdx.json").read_text())["components"]
        found = [component for component in components if component["purl"].startswith("pkg:npm/")]
        names = {f"{component.get('group', '')}/{component['name']}".strip("/") for component in found}
        if made is CLIENT:
            assert not names
            continue
        assert {"@codemirror/view", "@lezer/python", "eventsource-parser"} <= names
        assert not {"esbuild", "typescript"} & names
        for component, name in zip(found, sorted(names), strict=True):
            [digest] = component["hashes"]
            assert component["version"] == pinned[name]["version"]
            assert component["licenses"] == [{"license": {"id": pinned[name]["license"]}}]
            integrity = f"sha512-{b64encode(bytes.fromhex(digest['content'])).decode()}"
            assert (digest["alg"], integrity) == ("SHA-512", pinned[name]["integrity"])


@each_distribution
def test_sbom_names_its_artifact_and_the_time_of_the_commit(made: Made, dist: Path) -> None:
    sbom = json.loads((dist / f"{made.wheel}.cdx.json").read_text())
    metadata = sbom["metadata"]
    sums = (dist / "SHA256SUMS").read_text()
    [digest] = re.findall(rf"^(\w+)  {re.escape(made.wheel)}$", sums, re.MULTILINE)
    assert datetime.fromisoformat(metadata["timestamp"]).timestamp() == COMMIT_TIME
    assert metadata["component"]["version"] == VERSION
    assert metadata["component"]["licenses"] == [{"license": {"id": "MIT"}}]
    assert metadata["component"]["hashes"] == [{"alg": "SHA-256", "content": digest}]
    others = json.loads((dist / f"{made.sdist}.cdx.json").read_text())
    assert sbom["serialNumber"] != others["serialNumber"]
