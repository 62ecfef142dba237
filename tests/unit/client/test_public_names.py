"""The names that the package exports."""

import subprocess
import sys

import pytest

import python_executor
from python_executor import public


def test_package_has_every_public_name() -> None:
    names = [name for name in vars(public) if name[:1].isupper()]
    assert "Client" in names
    for name in names:
        assert getattr(python_executor, name) is getattr(public, name)


def test_package_names_an_attribute_that_is_missing() -> None:
    with pytest.raises(AttributeError, match="'python_executor' has no attribute 'Server'"):
        _ = python_executor.Server  # type: ignore[attr-defined]


def test_package_loads_no_http_client_before_a_name_is_used() -> None:
    code = "import sys, python_executor; print('httpx2' in sys.modules); python_executor.Client; print('httpx2' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["False", "True"]
