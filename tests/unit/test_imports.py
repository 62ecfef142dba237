"""The rooms and the imports between them."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.checkout import ROOT

#: The rooms that rooms with effects may import.
SHARED = {"config", "jobs"}

#: The rooms that each room may import besides itself. Imports run one way. A part of a room can have its own
#: entry; the longest entry that matches a module applies.
MAY_IMPORT = {
    "jobs": set[str](),
    "config": {"jobs"},
    "validation": {"jobs"},
    "store": SHARED,
    "api": SHARED | {"store", "validation"},
    "worker": SHARED | {"environments", "store", "validation", "sandbox", "sandbox.protocol", "selftest"},
    "sandbox": SHARED | {"validation", "sandbox.guest", "sandbox.guest.restricted", "sandbox.protocol"},
    # The interface imports no implementation.
    "sandbox.protocol": {"jobs"},
    # Only the command `python -m sandbox selftest` uses both the sandbox and the self-test.
    "sandbox.__main__": SHARED | {"environments", "sandbox", "selftest"},
    # A jail contains only the guest.
    "sandbox.guest": set[str](),
    # The guest enforces at run time the same tables as the check before queueing.
    "sandbox.guest.restricted": {"sandbox.guest", "validation"},
    "selftest": {"jobs", "sandbox", "sandbox.protocol"},
    "cli": {"config"},
    # The seccomp check installs a filter of the guest's kind, and the namespaces check makes those of a jail.
    "doctor": SHARED | {"environments", "sandbox", "sandbox.guest", "selftest"},
    "environments": SHARED | {"sandbox"},
    # harness starts the API and workers as processes.
    "harness": {"config", "sandbox"},
    # It runs programs with the packages of an environment outside of the service too.
    "bench": SHARED | {"environments", "harness", "sandbox", "store"},
    "release": set[str](),
    # stress inspects the data that the processes leave in the store.
    "stress": SHARED | {"harness", "sandbox", "store"},
}

#: Rooms that import only the standard library and other rooms.
STANDARD_LIBRARY_ONLY = {"jobs", "sandbox", "selftest", "validation"}

#: Packages that the image of a room does not contain.
NOT_INSTALLED = {
    "api": {"nsjail"},
    "worker": {"flask", "flask_openapi3", "gevent", "gunicorn", "werkzeug"},
    # gevent patches the standard library, so only the API's processes may import it.
    **{room: {"gevent"} for room in ("cli", "config", "doctor", "store")},
}

#: Rooms for development. The wheel does not contain them.
NOT_PACKAGED = {"bench", "harness", "release", "stress"}

ROOMS = sorted({entry.partition(".")[0] for entry in MAY_IMPORT})
FILES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {_module(path) for path in FILES}


def _entry(module: str) -> str:
    """Return the entry of MAY_IMPORT that applies to a module."""
    return max((entry for entry in MAY_IMPORT if f"{module}.".startswith(f"{entry}.")), key=len)


def _imports(path: Path) -> Iterator[str]:
    """Yield the name of every module that a file imports."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}:{node.lineno}: a relative import"
            assert node.module
            submodules = {f"{node.module}.{alias.name}" for alias in node.names} & MODULES
            yield from submodules or {node.module}


@pytest.mark.parametrize("path", FILES, ids=_module)
def test_module_imports_only_the_rooms_its_room_may(path: Path) -> None:
    own = _entry(_module(path))
    for name in _imports(path):
        top = name.partition(".")[0]
        if top in ROOMS:
            assert _entry(name) in MAY_IMPORT[own] | {own}, f"{own} imports {name}"
        elif own.partition(".")[0] in STANDARD_LIBRARY_ONLY:
            assert top in sys.stdlib_module_names, f"{own} imports {name}"
        else:
            assert top not in NOT_INSTALLED.get(own, ()), f"{own} imports {name}"


def test_package_does_nothing_when_imported() -> None:
    for path in (path for path in FILES if path.name == "__init__.py"):
        body = ast.parse(path.read_bytes()).body
        assert [type(node) for node in body] in ([], [ast.Expr]), path


def test_wheel_contains_every_room_of_the_service() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == [
        room for room in ROOMS if room not in NOT_PACKAGED
    ]
