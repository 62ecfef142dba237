"""A release with its images, made twice."""

import json
import os
import re
import secrets
from pathlib import Path
from typing import Any

import pytest

from release.lock import read_pins
from release.sbom import check_schema
from tests.support.checkout import ROOT
from tests.support.engine import Engine, base_arguments
from tests.support.release import commit_checkout, contents, git, make_release

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1800)]

PARTS = ("api", "worker")

#: Removed from the images by deploy/image.sh.
LEFT_OUT = {"click-repl", "prompt-toolkit", "wcwidth"}


def _make(folder: Path, engine: Engine, *, umask: int, **environment: str) -> Path:
    host = {name: engine.environment[name] for name in ("DOCKER_HOST", "HOME") if name in engine.environment}
    made = make_release(folder, {**host, **environment}, *base_arguments(), umask=umask)
    assert made.returncode == 0, made.stderr
    return folder / "dist"


@pytest.fixture(scope="module")
def dist(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the files of a release."""
    folder = tmp_path_factory.mktemp("first")
    commit_checkout(folder)
    return _make(folder, engine, umask=0o022, CI="true", TZ="Asia/Tokyo")


@pytest.fixture(scope="module", params=PARTS)
def image(request: pytest.FixtureRequest, dist: Path) -> Path:
    """The archive of each image."""
    [archive] = dist.glob(f"python-executor-{request.param}-*.tar")
    return archive


def _part(image: Path) -> str:
    return image.name.split("-")[2]


def _sbom(image: Path) -> dict[str, Any]:
    text = image.with_name(f"{image.name}.cdx.json").read_text()
    check_schema(text, image.name)
    return dict(json.loads(text))


def test_release_with_images_has_the_same_bytes_when_it_is_made_again(
    dist: Path, engine: Engine, tmp_path: Path
) -> None:
    commit_checkout(tmp_path)
    # A new time in each run: the builder keeps the context of earlier builds, and would take a file of the same
    # size and time for unchanged.
    then = 1 + secrets.randbelow(10**9)
    for path in tmp_path.rglob("*.py"):
        os.utime(path, (then, then))
        path.chmod(0o600)
    again = _make(tmp_path, engine, umask=0o077, TZ="America/New_York", LC_ALL="C.UTF-8")
    first, second = contents(dist), contents(again)
    assert len(first) == 13
    assert {name for name in first | second if first.get(name) != second.get(name)} == set()


def test_image_of_the_archive_names_its_commit(image: Path, dist: Path, engine: Engine) -> None:
    loaded = engine.docker("load", "--input", str(image))
    tag = loaded.strip().removeprefix("Loaded image: ")
    try:
        [metadata] = json.loads(engine.docker("image", "inspect", tag))
        engine.docker("run", "--rm", "--entrypoint", "python", tag, "-c", "import store")
    finally:
        engine.try_docker("image", "rm", tag)
    assert re.fullmatch(rf"python-executor-{_part(image)}:\d+\.\d+\.\d+", tag)
    labels = {name.rpartition(".")[2]: value for name, value in metadata["Config"]["Labels"].items()}
    assert labels.keys() == {"title", "description", "version", "licenses", "revision", "created"}
    assert labels["revision"] == git(dist.parent, "rev-parse", "HEAD").strip()
    assert labels["created"] == metadata["Created"] == "2026-01-02T03:04:05Z"


def test_sbom_of_an_image_lists_its_packages_its_python_and_its_debian(image: Path) -> None:
    sbom = _sbom(image)
    assert sbom["metadata"]["component"]["type"] == "container"
    kinds: dict[str, dict[str, Any]] = {}
    for component in sbom["components"]:
        kind = component["purl"].removeprefix("pkg:").partition("/")[0]
        kinds.setdefault(kind, {})[component["name"]] = component
    # Only the API image has the pages, with the JavaScript of others.
    npm = {"npm"} if _part(image) == "api" else set()
    assert kinds.keys() == {"pypi", "deb", "generic"} | npm
    pins = {pin.name: pin for pin in read_pins(ROOT / f"requirements/{_part(image)}.lock")}
    assert (
        {name for name, pin in pins.items() if not pin.marker} - LEFT_OUT
        <= kinds["pypi"].keys()
        <= pins.keys()
    )
    for name, component in kinds["pypi"].items():
        assert component["version"] == pins[name].version
        assert {found["content"] for found in component["hashes"]} == set(pins[name].hashes)
        assert component["licenses"], name
    assert {"libc6", "dpkg"} <= kinds["deb"].keys()
    assert kinds["generic"].keys() == {"python"}
