"""Who may import whom."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.checkout import ROOT

#: Each area and the areas it may import besides itself. The longest name that fits a module is its area.
MAY_IMPORT = {
    "config": {"jobs"},
    "jobs": {"config"},
    "validation": {"config", "jobs"},
    "store": {"config", "jobs"},
    # Inside a jail there is only the guest itself.
    "sandbox.guest": set[str](),
    "sandbox.guest.restricted": {"sandbox.guest", "validation"},
    "sandbox": {
        "config",
        "jobs",
        "validation",
        "sandbox.guest",
        "sandbox.guest.restricted",
        "sandbox.protocol",
    },
    # The interface imports no implementation.
    "sandbox.protocol": {"jobs"},
    # The command `python -m sandbox selftest` is the only part of the sandbox that knows the self-test.
    "sandbox.__main__": {"jobs", "sandbox", "selftest"},
    "selftest": {"jobs", "sandbox"},
    "worker": {"config", "jobs", "sandbox", "sandbox.protocol", "selftest", "store"},
    "api": {"config", "jobs", "store", "validation"},
    "cli": {"config"},
    # It starts the others as processes.
    "harness": {"config", "sandbox"},
    "bench": {"config", "harness", "sandbox", "store"},
    "stress": {"harness", "jobs", "sandbox", "store"},
}

#: Pure rooms and the sandbox have only the standard library.
STANDARD_LIBRARY_ONLY = {"jobs", "sandbox", "selftest", "validation"}

#: What an area's image or machine does not have. The whole sandbox has nothing but the standard library.
MISSING = {
    "api": {"nsjail"},
    "worker": {"flask", "flask_openapi3", "gunicorn", "werkzeug"},
}

#: Rooms for those who work on the service, which are not part of the distribution.
NOT_PACKAGED = {"bench", "harness", "stress"}

ROOMS = sorted({area.partition(".")[0] for area in MAY_IMPORT})
FILES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {_module(path) for path in FILES}


def _area(module: str) -> str:
    return max((area for area in MAY_IMPORT if f"{module}.".startswith(f"{area}.")), key=len)


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}:{node.lineno}: a relative import"
            assert node.module
            inner = {f"{node.module}.{alias.name}" for alias in node.names} & MODULES
            yield from inner or {node.module}


@pytest.mark.parametrize("path", FILES, ids=_module)
def test_a_room_imports_only_the_rooms_it_may(path: Path) -> None:
    own = _area(_module(path))
    for name in _imports(path):
        top = name.partition(".")[0]
        if top in ROOMS:
            assert _area(name) in MAY_IMPORT[own] | {own}, f"{own} imports {name}"
        elif own.partition(".")[0] in STANDARD_LIBRARY_ONLY:
            assert top in sys.stdlib_module_names, f"{own} imports {name}"
        else:
            assert top not in MISSING.get(own, ()), f"{own} imports {name}"


def test_importing_a_package_does_nothing() -> None:
    for path in (path for path in FILES if path.name == "__init__.py"):
        body = ast.parse(path.read_bytes()).body
        assert [type(node) for node in body] in ([], [ast.Expr]), path


def test_every_room_is_packaged() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == [
        room for room in ROOMS if room not in NOT_PACKAGED
    ]
