"""The Makefile: which interpreter .venv has."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.checkout import ROOT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose .venv was made with the interpreter of the tests."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements/dev.lock", "pyproject.toml", "client/pyproject.toml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    shutil.copy(ROOT / "requirements/choose_python.py", tmp_path / "requirements")
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
    assert ran.stderr.startswith(
        "make: Python 3.11 or newer is needed, not free-threaded, and with its venv module"
    )


@pytest.fixture
def choose_python() -> Any:
    """Return the module of requirements/choose_python.py."""
    spec = importlib.util.spec_from_file_location("choose_python", ROOT / "requirements/choose_python.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _add_program(path: Path, text: str) -> str:
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


def test_interpreter_that_takes_less_cpu_time_is_chosen(choose_python: Any, tmp_path: Path) -> None:
    run = f'exec {sys.executable} "$@"\n'
    loop = "i=0; while [ $i -lt 200000 ]; do i=$((i + 1)); done\n"
    slow = _add_program(tmp_path / "slow", f"#!/bin/sh\n{loop}{run}")
    fast = _add_program(tmp_path / "fast", f"#!/bin/sh\n{run}")
    assert choose_python.fastest(choose_python.measure([slow, fast])) == fast


def test_first_interpreter_is_chosen_when_another_is_no_faster_than_noise(choose_python: Any) -> None:
    assert choose_python.fastest({"first": 1.02, "second": 1.0}) == "first"
    assert choose_python.fastest({"first": 1.04, "second": 1.0}) == "second"


def test_programs_on_path_that_are_no_supported_interpreter_are_left_out(
    choose_python: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _add_program(tmp_path / "python3", "#!/bin/sh\nexit 1\n")
    _add_program(tmp_path / "python3.12", "not a program")
    _add_program(tmp_path / "python3.11-config", f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    _add_program(tmp_path / "python3.11", f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    monkeypatch.setenv("PATH", f"{tmp_path}:/nowhere")
    programs = choose_python.on_path()
    assert [Path(program).name for program in programs] == ["python3", "python3.11", "python3.12"]
    assert list(choose_python.supported(programs)) == [str(Path(sys.executable).resolve())]
