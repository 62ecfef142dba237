"""The command starts quickly: it imports the HTTP client only to use it."""

import subprocess
import sys

import pytest

SLOW = {"anyio", "asyncio", "httpx2", "mcp", "python_executor.execution"}


@pytest.mark.parametrize(
    "arguments", [["--help"], ["run", "--help"], ["completion", "fish"], ["run", "missing.py"]]
)
def test_command_imports_nothing_slow_before_it_is_needed(arguments: list[str]) -> None:
    code = (
        "import sys\nfrom python_executor.pyexec.main import main\n"
        f"sys.argv[1:] = {arguments!r}\n"
        "try: main()\nexcept SystemExit: print('\\n' + ' '.join(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    modules = ran.stdout.splitlines()[-1].split()
    assert "click" in modules
    assert SLOW & set(modules) == set()


def test_run_imports_no_client_for_programs_with_an_event_loop() -> None:
    code = "import sys, python_executor.pyexec.running; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"python_executor.async_client", "asyncio", "mcp"} & set(ran.stdout.split()) == set()
