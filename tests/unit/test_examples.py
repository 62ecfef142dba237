import ast
import json
import re
import subprocess
import sys
from typing import Any

import pytest

from jobs.outcome import SandboxKind
from tests.support.checkout import ROOT
from validation.script import validate

EXAMPLES = ROOT / "examples"
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.py"))

#: Runs a script the plainest way there is; what `main` returns goes to standard error.
RUN = """
import asyncio, inspect, json, sys
names = {"__name__": "script"}
exec(sys.argv[1], names)
result = names["main"](**json.loads(sys.argv[2]))
if inspect.iscoroutine(result):
    result = asyncio.run(result)
sys.stderr.write(json.dumps(result, allow_nan=False))
"""


def script(name: str) -> str:
    return (EXAMPLES / f"{name}.py").read_text("utf-8")


def example(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text("utf-8"))
    return read


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_a_valid_script(name: str) -> None:
    validate(script(name))


@pytest.mark.parametrize("name", NAMES)
def test_an_example_gives_the_answer_beside_it(name: str) -> None:
    request, answer = example(name)["request"], example(name)["answer"]
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-X",
            "utf8",
            "-c",
            RUN,
            script(name),
            json.dumps(request.get("inputs", {})),
        ],
        input=request.get("stdin", ""),
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert {"result": json.loads(done.stderr), "stdout": done.stdout} == answer


@pytest.mark.parametrize("name", NAMES)
def test_an_example_has_only_the_fields_there_are(name: str) -> None:
    read = example(name)
    assert read.keys() == {"request", "answer", "sandboxes"}
    assert read["request"].keys() <= {"inputs", "stdin"}
    assert read["answer"].keys() == {"result", "stdout"}
    assert read["sandboxes"] in ([*SandboxKind], [SandboxKind.NSJAIL])


def test_the_table_lists_every_example_and_what_it_says_of_itself() -> None:
    rows = re.findall(
        r"^\| \[(\w+)\]\(\1\.py\) \| (.*) \| (.*) \|$", (EXAMPLES / "README.md").read_text("utf-8"), re.M
    )
    assert rows == [
        (name, ast.get_docstring(ast.parse(script(name))), ", ".join(example(name)["sandboxes"]))
        for name in NAMES
    ]
