"""The values that callers get, and what the package exports."""

import ast
import sys
from typing import Any

import pytest

import python_executor
from python_executor import (
    Artifact,
    AsyncArtifact,
    Done,
    Execution,
    ExecutionFailed,
    ScriptError,
    Status,
)
from tests.support.checkout import ROOT

LIBRARY = ROOT / "client" / "python_executor"

#: What a program needs to install for the library, besides the standard library.
DEPENDENCIES = {"anyio", "httpcore2", "httpx2", "python_executor", "typing_extensions"}


def _imports(text: str) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return {name.partition(".")[0] for name in found}


@pytest.mark.parametrize("path", sorted(LIBRARY.glob("*.py")), ids=lambda path: path.stem)
def test_library_imports_only_its_dependencies(path: Any) -> None:
    assert _imports(path.read_text("utf-8")) <= DEPENDENCIES | sys.stdlib_module_names


def test_package_exports_every_public_class_of_its_interface() -> None:
    for module in ("errors", "events", "execution", "service_info"):
        text = (LIBRARY / f"{module}.py").read_text("utf-8")
        classes = {node.name for node in ast.parse(text).body if isinstance(node, ast.ClassDef)}
        assert [name for name in classes if not hasattr(python_executor, name)] == [], module


def test_classes_of_values_can_be_called_with_the_type_of_their_artifacts() -> None:
    execution = Execution[Artifact](id="a", status=Status.QUEUED)
    assert Done[Artifact](execution).execution == Execution[AsyncArtifact](id="a", status=Status.QUEUED)  # type: ignore[comparison-overlap]


@pytest.mark.parametrize(
    ("status", "final"),
    [("queued", False), ("running", False), ("succeeded", True), ("failed", True), ("cancelled", True)],
)
def test_status_knows_whether_it_is_final(status: str, *, final: bool) -> None:
    assert Status(status).final is final


def test_execution_raises_the_error_of_its_script() -> None:
    queued = Execution(id="a", status=Status.QUEUED)
    assert queued.raise_for_error() is queued
    failed = Execution(id="a", status=Status.FAILED, error=ScriptError("timeout", "too slow"))
    with pytest.raises(ExecutionFailed, match="a: timeout: too slow") as raised:
        failed.raise_for_error()
    assert raised.value.execution is failed
    with pytest.raises(ExecutionFailed, match="a: cancelled"):
        Execution(id="a", status=Status.CANCELLED).raise_for_error()
