"""The rooms and the imports between them."""

import ast
import re
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
    # The client, a distribution of its own: it imports nothing of the service, and the service nothing of it.
    "python_executor": set[str](),
    "python_executor.pyexec": {"python_executor", "python_executor.mcp_server"},
    "python_executor.mcp_server": {"python_executor"},
    # `python -m` starts the same command.
    # harness starts the API and workers as processes.
    "harness": {"config", "python_executor", "sandbox"},
    # It runs programs with the packages of an environment outside of the service too.
    "bench": SHARED | {"environments", "harness", "python_executor", "sandbox", "store"},
    "release": set[str](),
    # stress inspects the data that the processes leave in the store.
    "stress": SHARED | {"harness", "python_executor", "sandbox", "store"},
}

#: Rooms that import only the standard library and other rooms.
STANDARD_LIBRARY_ONLY = {"jobs", "sandbox", "selftest", "validation"}

#: The packages of others that the parts of the client may import. Only the extra `mcp` installs those of its server.
CLIENT_PACKAGES = {
    "python_executor": {"anyio", "httpcore2", "httpx2", "typing_extensions"},
    "python_executor.pyexec": {"anyio", "click", "httpx2"},
    "python_executor.mcp_server": {"anyio", "h11", "mcp", "mcp_types", "pydantic", "starlette", "uvicorn"},
}

#: Packages that the image of a room does not contain.
NOT_INSTALLED = {
    "api": {"nsjail"},
    "worker": {"flask", "flask_openapi3", "gevent", "gunicorn", "werkzeug"},
    # gevent patches the standard library, so only the API's processes may import it.
    **{room: {"gevent"} for room in ("cli", "config", "doctor", "store")},
}

#: Rooms that the wheel of the service does not contain: those for development, and the client.
NOT_PACKAGED = {"bench", "harness", "python_executor", "release", "stress"}

#: The folder that contains the package of the client.
CLIENT = ROOT / "client"

ROOMS = sorted({entry.partition(".")[0] for entry in MAY_IMPORT})
FILES = sorted(path for room in ROOMS for base in (ROOT, CLIENT) for path in (base / room).rglob("*.py"))


def _module(path: Path) -> str:
    base = CLIENT if path.is_relative_to(CLIENT) else ROOT
    return ".".join(path.relative_to(base).with_suffix("").parts).removesuffix(".__init__")


MODULES = {_module(path) for path in FILES}


def _room(entry: str) -> str:
    return entry.partition(".")[0]


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
        elif own in CLIENT_PACKAGES:
            assert top in sys.stdlib_module_names | CLIENT_PACKAGES[own], f"{own} imports {name}"
        else:
            assert top not in NOT_INSTALLED.get(own, ()), f"{own} imports {name}"


def test_package_does_nothing_when_imported() -> None:
    for path in (path for path in FILES if path.name == "__init__.py"):
        body = ast.parse(path.read_bytes()).body
        if path == CLIENT / "python_executor/__init__.py":
            # It loads the public names of the client on first use. Type checkers read another branch.
            assert [type(node) for node in body] == [ast.Expr, ast.ImportFrom, ast.If]
        else:
            assert [type(node) for node in body] in ([], [ast.Expr]), path


def test_client_is_imported_by_the_rooms_for_development_only() -> None:
    importers = {entry for entry, rooms in MAY_IMPORT.items() if "python_executor" in rooms}
    assert {entry for entry in importers if _room(entry) != "python_executor"} == {
        "bench",
        "harness",
        "stress",
    }


def test_images_do_not_contain_the_client() -> None:
    for name in (".dockerignore", "Dockerfile.api", "Dockerfile.worker"):
        assert re.findall(r"^(?:!|COPY ).*\bclient\b.*$", (ROOT / name).read_text(), re.MULTILINE) == []


def test_wheel_contains_every_room_of_the_service() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == [
        room for room in ROOMS if room not in NOT_PACKAGED
    ]
