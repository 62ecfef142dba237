"""The image of a worker with an environment, which deploy/environments/Dockerfile makes."""

import hashlib
import json
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.checkout import ROOT
from tests.support.engine import Engine

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1800)]

#: Two small packages of the environment `data`, so that the test downloads 0.3 MB and not 110.
SMALL = ("et-xmlfile==", "openpyxl==")


@pytest.fixture(scope="module")
def lock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lock file with two packages of `data`, in a folder of its own."""
    entries = (
        (ROOT / "requirements/environments/data.lock").read_text().replace("\n    ", "    ").splitlines()
    )
    path = tmp_path_factory.mktemp("lock") / "sheets.lock"
    path.write_text("".join(f"{entry}\n" for entry in entries if entry.startswith(SMALL)).replace("\\", ""))
    return path


@pytest.fixture(scope="module")
def image(engine: Engine, images: dict[str, str], lock: Path) -> Iterator[str]:
    """The image of the worker with the environment `sheets`."""
    tag = f"python-executor-worker-sheets:{secrets.token_hex(4)}"
    arguments = {"WORKER": images["worker"], "NAME": "sheets", "LOCK": lock.name}
    options = [part for name, value in arguments.items() for part in ("--build-arg", f"{name}={value}")]
    dockerfile = str(ROOT / "deploy/environments/Dockerfile")
    try:
        engine.docker("build", "--quiet", "--tag", tag, "--file", dockerfile, *options, str(lock.parent))
        yield tag
    finally:
        engine.try_docker("image", "rm", "--force", tag)


def _run(engine: Engine, image: str, *command: str) -> str:
    return engine.docker("run", "--rm", "--read-only", "--network", "none", image, *command)


def test_image_has_the_environment_for_its_user(engine: Engine, image: str, lock: Path) -> None:
    (found,) = json.loads(_run(engine, image, "environments", "list", "--json"))["environments"]
    assert found["name"] == "sheets"
    assert found["digest"] == f"sha256:{hashlib.sha256(lock.read_bytes()).hexdigest()}"
    assert found["modules"] == ["et_xmlfile", "openpyxl"]
    assert found["folder"].startswith("/var/lib/python-executor/environments/")
    checked = _run(engine, image, "environments", "check")
    assert checked == "sheets: every file is as it was built\n"


def test_image_adds_one_layer_to_that_of_the_worker(
    engine: Engine, image: str, images: dict[str, str]
) -> None:
    with_packages, worker = (
        json.loads(engine.docker("image", "inspect", tag))[0]["RootFS"]["Layers"]
        for tag in (image, images["worker"])
    )
    assert with_packages[:-1] == worker


def test_image_of_the_worker_has_no_environment_and_cannot_download_one(
    engine: Engine, images: dict[str, str], lock: Path
) -> None:
    assert _run(engine, images["worker"], "environments", "list").startswith("no environment in ")
    ran = engine.try_docker(
        *(
            "run",
            "--rm",
            "--user",
            "0",
            "--network",
            "none",
            "--volume",
            f"{lock}:/lock:ro",
            images["worker"],
        ),
        *("environments", "build", "sheets", "/lock"),
    )
    assert ran.returncode == 1
    assert ran.stderr == (
        "python-executor environment: et-xmlfile 2.0.0: pip is not installed for /app/bin/python\n"
    )


def test_image_of_the_api_says_in_one_line_that_it_has_no_environments(
    engine: Engine, images: dict[str, str]
) -> None:
    ran = engine.try_docker("run", "--rm", images["api"], "environment", "list")
    assert ran.returncode == 2
    assert ran.stderr.count("\n") == 1
    assert "docker run --rm python-executor-worker environments" in ran.stderr
