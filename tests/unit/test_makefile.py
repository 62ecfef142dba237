"""The Makefile: which interpreter .venv has."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.checkout import ROOT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose .venv was made with the interpreter of the tests."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements/dev.lock", "pyproject.toml", "client/pyproject.toml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv/.installed").write_text(f"{sys.base_prefix} {sys.version}\n")
    return tmp_path


def _make(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # Under `make test` the variables of that make would change the output of this one.
    environment = {
        name: value for name, value in os.environ.items() if "MAKE" not in name and name != "MFLAGS"
    }
    return subprocess.run(
        ["make", *arguments],
        cwd=checkout,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def _makes_venv(checkout: Path, *variables: str) -> bool:
    ran = _make(checkout, "--dry-run", "install", *variables)
    assert ran.returncode == 0, ran.stderr
    return "-m venv" in ran.stdout


def test_make_keeps_the_venv_when_no_python_or_the_same_is_chosen(checkout: Path) -> None:
    assert not _makes_venv(checkout)
    assert not _makes_venv(checkout, f"PYTHON={sys.executable}")


def test_make_makes_the_venv_again_when_another_python_is_chosen(checkout: Path) -> None:
    (checkout / ".venv/.installed").write_text("/usr 3.11.0 (main) [GCC]\n")
    assert not _makes_venv(checkout)
    assert _makes_venv(checkout, f"PYTHON={sys.executable}")


def test_make_refuses_a_python_that_is_not_supported(checkout: Path) -> None:
    ran = _make(checkout, "install", "PYTHON=/nowhere/python")
    assert ran.returncode == 2
    assert ran.stderr.startswith("make: Python 3.11 or newer is needed, not free-threaded;")


def test_make_says_which_pythons_are_skipped(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    ran = _make(checkout, "test-pythons", "PYTHONS=/nowhere/python /nowhere/other")
    skipped = "skipped, because it is not here"
    assert (ran.returncode, ran.stdout) == (0, f"/nowhere/python: {skipped}\n/nowhere/other: {skipped}\n")
    monkeypatch.setenv("CI", "true")
    assert _make(checkout, "test-pythons", "PYTHONS=/nowhere/python").returncode == 2
