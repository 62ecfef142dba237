"""The wheel of the client, installed in an empty environment, without the service and its packages."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.checkout import ROOT
from tests.support.client_environment import run_uv
from tests.support.client_wheel import build_client_wheel
from tests.support.interpreters import need_interpreter
from tests.support.service import Service

PYTHONS: Final = ("3.11", "3.12", "3.13")

#: Uses the client in every way, and is typed.
PROGRAM: Final = Path(__file__).parent / "client/program.py"

#: All that the wheel installs, without an extra.
PACKAGES: Final = {
    *("anyio", "click", "h11", "httpcore2", "httpx2", "idna", "python-executor-client", "truststore"),
    "typing-extensions",
}

#: The parts of the client that are programs: no other program imports them.
INTERNAL: Final = ("python_executor.pyexec", "python_executor.mcp_server")

#: `make check` reads the client with the version of the development environment, often the oldest.
newest = pytest.mark.parametrize("python", [PYTHONS[-1]], indirect=True)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel."""
    return build_client_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module", params=PYTHONS)
def python(request: pytest.FixtureRequest, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that has the wheel and what it needs, for each version of Python."""
    folder = tmp_path_factory.mktemp("venv")
    run_uv("venv", "--python", str(need_interpreter(request.param)), str(folder))
    install(folder / "bin/python", str(wheel))
    return folder / "bin/python"


def install(python: Path, requirement: str) -> None:
    """Install a requirement in an environment, with the versions of the lock file."""
    constraints = ("--constraint", str(ROOT / "requirements/client.lock"))
    run_uv("pip", "install", "--python", str(python), "--only-binary", ":all:", *constraints, requirement)


def run(
    python: Path, folder: Path, *arguments: str | Path, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run the interpreter in a folder, with nothing of this checkout in sight."""
    return subprocess.run(
        [python, "-I", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_wheel_installs_only_what_the_client_needs(python: Path, tmp_path: Path) -> None:
    listed = run(
        python,
        tmp_path,
        "-c",
        "from importlib.metadata import distributions as d; print(*(one.name.lower() for one in d()))",
    )
    names = {name.replace("_", "-") for name in listed.stdout.split()}
    assert names | {"typing-extensions"} == PACKAGES, listed.stderr


def test_installed_client_runs_scripts_with_and_without_an_event_loop(
    python: Path, service: Service, tmp_path: Path
) -> None:
    url = str(service.client.base_url)
    ran = run(python, tmp_path, PROGRAM, PYTHON_EXECUTOR_URL=url)
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    found: dict[str, Any] = json.loads(ran.stdout)
    assert found.pop("async") == {
        "saved": "text",
        "streamed": "live\n",
        "batch": ["1\n", "2\n"],
        "listed": True,
    }
    assert found == {
        "printed": "Hello\n",
        "returned": {"twice": 42},
        "refused": ["refused", 1],
        "saved": ["text", "text"],
        "streamed": "live\n",
        "batch": [f"{n}\n" for n in range(5)],
        "failed": "ZeroDivisionError: division by zero",
    }


def test_installed_command_runs_a_script_and_says_how_to_install_the_mcp_server(
    python: Path, service: Service, tmp_path: Path
) -> None:
    def pyexec(*arguments: str) -> tuple[int, str, str]:
        ran = subprocess.run(
            [python.with_name("pyexec"), *arguments],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "PYTHON_EXECUTOR_URL": str(service.client.base_url)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        return ran.returncode, ran.stdout, ran.stderr

    assert pyexec("run", "-c", "print(6 * 7)") == (0, "42\n", "")
    assert pyexec("run", "-c", "import sys; sys.exit(3)")[:2] == (3, "")
    status, output, said = pyexec("mcp")
    assert (status != 0, output) == (True, "")
    assert said.splitlines()[1:] == []
    assert "pip install 'python-executor-client[mcp]'" in said


def test_extra_installs_all_that_the_mcp_server_needs(wheel: Path, tmp_path: Path) -> None:
    python = tmp_path / "venv/bin/python"
    run_uv("venv", "--python", sys.executable, str(tmp_path / "venv"))
    install(python, f"python-executor-client[mcp] @ {wheel.as_uri()}")
    ran = run(python, tmp_path, "-c", "import python_executor.mcp_server.main")
    assert (ran.returncode, ran.stderr) == (0, "")


@newest
def test_mypy_finds_no_error_in_the_installed_client_and_a_program_that_uses_it(
    python: Path, tmp_path: Path
) -> None:
    command = ("-m", "mypy", "--strict", "--python-executable", str(python), "--cache-dir", str(tmp_path))
    # The extra of the MCP server is not installed.
    library = ("-p", "python_executor", "--exclude", "python_executor/(mcp_server|pyexec)/")
    for checked in (library, (str(PROGRAM),)):
        ran = subprocess.run(
            [sys.executable, *command, *checked], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr


@newest
def test_pyright_finds_no_error_in_a_program_and_knows_the_type_of_every_public_name(
    python: Path, node_modules: Path, tmp_path: Path
) -> None:
    def check_types(*arguments: str) -> dict[str, Any]:
        # Pyright looks for packages where the python on PATH does.
        ran = subprocess.run(
            [node_modules / "node_modules/.bin/pyright", "--outputjson", *arguments],
            cwd=tmp_path,
            env={"PATH": f"{python.parent}:{os.environ['PATH']}", "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        return dict(json.loads(ran.stdout))

    assert check_types(str(PROGRAM))["generalDiagnostics"] == []
    verified = check_types("--verifytypes", "python_executor", "--ignoreexternal")["typeCompleteness"]
    symbols = {one["name"]: one for one in verified["symbols"] if not one["name"].startswith(INTERNAL)}
    assert {"python_executor.client.Client.run", "python_executor.errors.ServiceFault.status"} <= set(symbols)
    assert {name for name, one in symbols.items() if one["isExported"] and not one["isTypeKnown"]} == set()
