import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.environment import STDLIB
from jobs.mode import Mode
from jobs.outcome import SandboxKind
from tests.support.checkout import ROOT
from tests.support.examples import EXAMPLES, Example
from validation.script import validate

FOLDER = ROOT / "examples"

each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)

#: The modules that examples import of the packages of each environment.
MODULES = {STDLIB: frozenset[str](), "data": frozenset({"matplotlib", "pandas"})}

#: Runs a script without the service. The result of `main` goes to standard error.
RUN = """
import asyncio, inspect, json, sys
names = {"__name__": "script"}
exec(sys.argv[1], names)
result = names["main"](**json.loads(sys.argv[2]))
if inspect.iscoroutine(result):
    result = asyncio.run(result)
sys.stderr.write(json.dumps(result, allow_nan=False))
"""


@each_example
def test_example_is_a_valid_script(example: Example) -> None:
    modules = MODULES[example.job.environment]
    validate(example.script, needs_main=example.mode is Mode.MAIN, modules=modules)


@pytest.mark.parametrize(
    "example",
    # The tests' interpreter has none of the packages.
    [example for example in EXAMPLES if example.job.environment == STDLIB],
    ids=lambda example: example.name,
)
def test_example_returns_the_answer_of_its_json_file(example: Example, tmp_path: Path) -> None:
    for file in example.job.files:
        (tmp_path / file.path).write_bytes(file.content)
    interpreter = [sys.executable, "-I", "-S", "-X", "utf8"]
    program = example.mode is Mode.PROGRAM
    arguments = (
        [example.script, *example.request.get("argv", [])]
        if program
        else [RUN, example.script, json.dumps(example.request.get("inputs", {}))]
    )
    done = subprocess.run(
        [*interpreter, "-c", *arguments],
        cwd=tmp_path,
        input=example.request.get("stdin", ""),
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    result = None if program else json.loads(done.stderr)
    assert {"result": result, "stdout": done.stdout} == example.answer


@each_example
def test_example_has_only_known_fields(example: Example) -> None:
    read = json.loads((FOLDER / f"{example.name}.json").read_text("utf-8"))
    assert read.keys() == {"request", "answer", "sandboxes"}
    assert read["request"].keys() <= {
        "inputs",
        "stdin",
        "mode",
        "argv",
        "environment",
        "files",
        "artifacts",
    }
    assert read["answer"].keys() == {"result", "stdout"}
    assert read["sandboxes"] in ([*SandboxKind], [SandboxKind.NSJAIL])
    assert example.job.environment == STDLIB or read["sandboxes"] == [SandboxKind.NSJAIL]


def test_examples_table_lists_every_example_with_its_docstring() -> None:
    table = (FOLDER / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| \[(\w+)\]\(\1\.py\) \| (.*) \| (.*) \|$", table, re.M)
    assert rows == [
        (
            example.name,
            ast.get_docstring(ast.parse(example.script)),
            ", ".join(kind for kind in SandboxKind if kind in example.sandboxes),
        )
        for example in EXAMPLES
    ]
