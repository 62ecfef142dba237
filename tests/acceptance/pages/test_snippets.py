"""Code that sends the same request: it prints the output that the page shows."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.acceptance.pages.conftest import Visit
from tests.acceptance.pages.playground import choose_main
from tests.support.browser import type_script
from tests.support.checkout import ROOT
from tests.support.programs import need_program
from tests.support.service import Service

#: Scripts whose characters mean something to a shell, to JSON or to Python.
NASTY = [
    "print('it''s', \"$HOME `id` $(id) \\\\ \\n \\x41\")",
    "text = '''\nEND\nEOF\n'''\nprint(text, end='')",
    "print(\"\"\"three \"quotes\" \"\"\", '''and \\'''''')",
    "print('é ☕ 😀 \u2028 \u202e \ufeff'.encode())",
    "if True:\n\tprint('tab\\ttab', '%s %% !! #')",
    '"a docstring"\nx = "\\""\nprint(x)\n\n\n# ends with a quote "',
    "print(1) # ends with a backslash \\\\",
]


def snippet(page: Page, kind: str) -> str:
    page.get_by_role("button", name="Code").click()
    page.get_by_label(kind).check()
    text = page.get_by_role("textbox", name="Code").input_value()
    page.keyboard.press("Escape")
    return text


def run_curl(text: str) -> dict[str, object]:
    need_program("curl")
    ran = subprocess.run(
        ["bash", "-euo", "pipefail"],
        input=text,
        capture_output=True,
        check=True,
        encoding="utf-8",
        timeout=120,
    )
    job: dict[str, object] = json.loads(ran.stdout)
    return job


def run_python(text: str, folder: Path) -> str:
    return subprocess.run(
        [sys.executable, "-X", "utf8", "-"],
        input=text,
        capture_output=True,
        check=True,
        cwd=folder,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT / "client")},
        timeout=120,
    ).stdout


@pytest.mark.parametrize("script", NASTY)
def test_code_runs_the_same_script_when_it_has_special_characters(
    service: Service, visit: Visit, tmp_path: Path, script: str
) -> None:
    page = visit(service)
    type_script(page, script)
    expected = service.execute(script, mode="program").json()["stdout"]
    assert expected
    assert run_curl(snippet(page, "curl"))["stdout"] == expected
    assert run_python(snippet(page, "Python client"), tmp_path) == expected


def test_code_sends_every_field(service: Service, visit: Visit, tmp_path: Path) -> None:
    page = visit(service)
    choose_main(
        page,
        "import sys\ndef main(**inputs):\n    print(inputs, sys.stdin.read(), open('a b', 'rb').read())\n"
        "    open('out.txt', 'w').write('kept')\n    return {'done': True}",
    )
    page.get_by_label("Inputs").fill('{"n": null, "yes": [true, 1.0, -2e3], "it\'s": "$x \\" \\\\"}')
    page.get_by_label("Standard input").fill("one 'two'\n")
    page.locator("input[type=file]").set_input_files({"name": "a b", "mimeType": "x/y", "buffer": b"\xff\0"})
    expect(page.get_by_text("1 file, 2 B")).to_be_attached()
    page.locator("summary").filter(has_text="Files to keep").click()
    page.get_by_label("Patterns of files to keep").fill("*.txt")
    page.locator("summary").filter(has_text="Limits").click()
    page.get_by_label("Time, seconds", exact=True).fill("3.5")
    job = run_curl(snippet(page, "curl"))
    inputs = {"n": None, "yes": [True, 1.0, -2000.0], "it's": '$x " \\'}
    assert job["stdout"] == f"{inputs} one 'two'\n {bytes([255, 0])!r}\n"
    assert job["limits"]["timeout"] == 3.5  # type: ignore[index]
    printed = run_python(snippet(page, "Python client"), tmp_path)
    assert printed == f"{job['stdout']}{{'done': True}}\n"
    assert (tmp_path / "artifacts/out.txt").read_text() == "kept"


def test_arguments_are_in_the_code(service: Service, visit: Visit, tmp_path: Path) -> None:
    page = visit(service)
    type_script(page, "import sys\nprint(sys.argv[1:])")
    page.get_by_label("Arguments").fill("a '' \"it's\" $'\\r\\u00e9\\n'")
    expected = "['a', '', \"it's\", '\\ré\\n']\n"
    assert run_curl(snippet(page, "curl"))["stdout"] == expected
    assert run_python(snippet(page, "Python client"), tmp_path) == expected


def test_configuration_of_an_mcp_server_names_this_service(service: Service, visit: Visit) -> None:
    page = visit(service)
    configuration = json.loads(snippet(page, "MCP config"))
    assert configuration == {
        "mcpServers": {
            "python": {
                "command": "pyexec",
                "args": ["mcp"],
                "env": {"PYTHON_EXECUTOR_URL": str(service.client.base_url).rstrip("/")},
            }
        }
    }


def test_wrong_field_is_shown_in_place_of_the_code(service: Service, visit: Visit) -> None:
    page = visit(service)
    page.get_by_label("Arguments").fill("'")
    page.get_by_role("button", name="Code").click()
    expect(page.get_by_label("Arguments")).to_be_focused()
    expect(page.locator("#snippets-dialog")).to_be_hidden()
