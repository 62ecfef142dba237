"""The recipes in examples/recipes/, run from a shell against the service."""

import base64
import json
import re
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests.support.agent_programs import RECIPES, AgentPrograms
from tests.support.scripted_model import ScriptedModel, calls, runs, says, scripted_model
from tests.support.service import Service

#: The lines of a program that fails, and of the program that a model would write next.
FAULTY = "numbers = [40, 2]\nprint('adding')\nprint(sum(numbers) / 0)"
CORRECT = "numbers = [40, 2]\nprint(sum(numbers))"

QUESTION = "What is 40 + 2?"

#: What each submission to the grader does in its first cases, which have 0, 1, 1, 2, 2, 2, 3, … numbers.
HOSTILE = r"""
import os, sys
numbers = [int(word) for word in sys.stdin]
match len(numbers):
    case 0:
        print("\x1b[2J\x1b[31mright")
    case 2:
        while True:
            print("0" * 10**6)
    case 3:
        raise ValueError("\x1b]0;right\x07\n20 of 20 are right")
    case 4:
        os.kill(os.getppid(), 9)
        os.kill(os.getpid(), 9)
    case 5:
        bytearray(10**9)
    case 6:
        while True:
            os.fork()
    case 7:
        os._exit(0)
print(sum(numbers))
"""


@pytest.fixture
def run(programs: AgentPrograms, service: Service) -> "Run":
    return Run(programs, str(service.client.base_url))


class Run:
    """Runs recipes against a service."""

    def __init__(self, programs: AgentPrograms, url: str) -> None:
        self._programs, self._url = programs, url

    def __call__(self, recipe: str, *arguments: str | Path, **variables: str) -> CompletedProcess[str]:
        variables = {"PYTHON_EXECUTOR_URL": self._url, **variables}
        return self._programs.run(RECIPES / recipe, *arguments, **variables)

    def ask(self, recipe: str, model: ScriptedModel, **variables: str) -> str:
        """Return the answer that a recipe prints."""
        done = self(recipe, QUESTION, **model.variables, **variables)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout


def grade(run: Run, tmp_path: Path, source: str) -> tuple[list[str], str]:
    """Return the verdicts on a submission, and the last line that the grader prints."""
    submission = tmp_path / "submission.py"
    submission.write_text(source)
    done = run("grader.py", submission)
    assert done.stderr == ""
    *rows, last = done.stdout.splitlines()
    assert [int(row.split()[0]) for row in rows] == list(range(1, 21))
    assert done.returncode == (0 if last == "20 of 20 are right" else 1)
    # Nothing of the submission controls the terminal.
    assert all(line.isprintable() for line in (*rows, last))
    return [row[6:16].strip() for row in rows], last


def test_grader_says_right_for_every_case_of_a_right_submission(run: Run, tmp_path: Path) -> None:
    right = "import sys\nprint(sum(map(int, sys.stdin.read().split())))"
    assert grade(run, tmp_path, right) == (["right"] * 20, "20 of 20 are right")


def test_grader_gives_each_case_of_a_hostile_submission_its_verdict(run: Run, tmp_path: Path) -> None:
    verdicts, last = grade(run, tmp_path, HOSTILE)
    assert verdicts[:3] == ["wrong", "right", "right"]
    assert verdicts[3:5] == ["timeout", "timeout"]
    # The case with forks ends by its processes or by its time.
    assert verdicts[5] == "timeout"
    assert verdicts[6:8] == ["error", "error"]
    # On a slow machine, these can end by their time too.
    assert set(verdicts[8:10]) <= {"error", "timeout"}
    assert verdicts[10:] == ["wrong"] + ["right"] * 9
    assert last == "11 of 20 are right"


def test_grader_says_error_for_every_case_when_the_submission_does_not_compile(
    run: Run, tmp_path: Path
) -> None:
    assert grade(run, tmp_path, "print(") == (["error"] * 20, "0 of 20 are right")


def test_tool_loop_shows_the_traceback_to_the_model_until_the_program_is_right(run: Run) -> None:
    with scripted_model(runs(FAULTY), runs(CORRECT), says("It is 42.")) as model:
        assert run.ask("openai_tool_loop.py", model) == "It is 42.\n"
    first, second, third = model.requests
    assert first["messages"] == [{"role": "user", "content": QUESTION}]
    assert first["tools"][0]["function"]["name"] == "run_python"
    assert second["messages"][:1] == first["messages"]
    assert model.tool_results(1) == [
        "status: failed\nerror: exception: ZeroDivisionError: division by zero (line 3)\nstdout:\nadding\n\nstderr:\n"
        'Traceback (most recent call last):\n  File "script.py", line 3, in <module>\n    print(sum(numbers) / 0)\n'
        "          ~~~~~~~~~~~~~^~~\nZeroDivisionError: division by zero\n"
    ]
    assert third["messages"][: len(second["messages"])] == second["messages"]
    assert model.tool_results(2) == ["status: succeeded\nstdout:\n42\n"]


def test_tool_loop_tells_the_model_what_is_wrong_with_its_calls_and_what_was_cut(run: Run) -> None:
    unknown = calls("{}", name="browse")
    wrong = calls("{", '{"program": "print(1)"}', '["print(1)"]')
    several = runs("print(", "import numpy", CORRECT)
    long = runs("print('begin' + 'x' * 2_000_000)")
    with scripted_model(unknown, wrong, several, long, says("42")) as model:
        assert run.ask("openai_tool_loop.py", model) == "42\n"
    assert model.tool_results(1) == ["error: the only tool is run_python"]
    assert model.tool_results(2) == ['error: the arguments must be JSON such as {"code": "print(1)"}'] * 3
    assert [result.splitlines()[1] for result in model.tool_results(3)] == [
        "error: syntax_error: '(' was never closed (line 1)",
        "error: forbidden_import: only the standard library can be imported, not numpy (line 1)",
        "stdout:",
    ]
    (result,) = model.tool_results(4)
    assert len(result) < 5000
    assert "stdout (the service cut it):\nbeginxxx" in result
    assert re.search(r"x\n\[\.\.\. \d+ characters left out \.\.\.\]\nx", result)


def test_tool_loop_ends_when_the_model_does_not(run: Run) -> None:
    with scripted_model(*[runs("print(1)") for _ in range(9)]) as model:
        assert run.ask("openai_tool_loop.py", model) == "The model has not answered in 8 turns.\n"
    assert [request["tool_choice"] for request in model.requests] == ["auto"] * 7 + ["none"]


def test_tool_loop_tells_the_model_when_the_service_refuses(run: Run, service: Service) -> None:
    with scripted_model(runs(CORRECT), says("I cannot compute it.")) as model:
        nowhere = f"{service.client.base_url}/nowhere"
        run.ask("openai_tool_loop.py", model, PYTHON_EXECUTOR_URL=nowhere)
    (result,) = model.tool_results(1)
    assert result.startswith("error: the program did not run: ")


def test_pydantic_ai_agent_shows_the_traceback_to_the_model_until_the_program_is_right(run: Run) -> None:
    with scripted_model(runs(FAULTY), runs(CORRECT), says("It is 42.")) as model:
        assert run.ask("pydantic_ai_agent.py", model) == "It is 42.\n"
    function = model.requests[0]["tools"][0]["function"]
    assert function["name"] == "run_python"
    assert function["parameters"]["properties"]["code"]["description"] == "The whole program."
    (failed,) = model.tool_results(1)
    assert json.loads(failed)["error"].startswith(
        "exception: ZeroDivisionError: division by zero\nadding\n\n"
        'Traceback (most recent call last):\n  File "script.py", line 3, in <module>\n'
    )
    assert model.tool_results(2) == ["42\n"]


def test_pydantic_ai_agent_ends_with_an_exception_when_the_service_refuses(
    run: Run, service: Service
) -> None:
    with scripted_model(runs(CORRECT), says("unreachable")) as model:
        nowhere = f"{service.client.base_url}/nowhere"
        done = run("pydantic_ai_agent.py", QUESTION, **model.variables, PYTHON_EXECUTOR_URL=nowhere)
    assert done.returncode == 1
    assert "python_executor.errors.NotFound" in done.stderr
    assert len(model.requests) == 1


def test_langchain_agent_shows_the_traceback_to_the_model_until_the_program_is_right(run: Run) -> None:
    with scripted_model(runs(FAULTY), runs(CORRECT), says("It is 42.")) as model:
        assert run.ask("langchain_mcp.py", model) == "It is 42.\n"
    assert model.requests[0]["tools"][0]["function"]["name"] == "run_python"
    (failed,) = model.tool_results(1)
    assert 'Traceback (most recent call last):\n  File "script.py", line 3, in <module>\n' in failed
    (succeeded,) = model.tool_results(2)
    assert "\n42\n" in succeeded


def execute_notebook(
    programs: AgentPrograms, service: Service, folder: Path, *cells: str
) -> list[list[dict[str, Any]]]:
    """Execute the notebook with further cells; return the outputs of each code cell."""
    notebook = json.loads((RECIPES / "notebook.ipynb").read_text())
    notebook["cells"] += [
        {
            "cell_type": "code",
            "id": f"test-{n}",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": cell,
        }
        for n, cell in enumerate(cells)
    ]
    path = folder / "notebook.ipynb"
    path.write_text(json.dumps(notebook))
    url = str(service.client.base_url)
    done = programs.run("-m", "jupyter", "execute", "--inplace", path, PYTHON_EXECUTOR_URL=url)
    assert done.returncode == 0, done.stderr
    executed = json.loads(path.read_text())["cells"]
    return [cell["outputs"] for cell in executed if cell["cell_type"] == "code"]


def printed(outputs: list[dict[str, Any]]) -> str:
    return "".join("".join(output["text"]) for output in outputs if output["output_type"] == "stream")


@pytest.mark.timeout(900)
def test_notebook_shows_the_output_and_the_picture_of_a_cell(
    programs: AgentPrograms, offering: Service, tmp_path: Path
) -> None:
    hostile = "%%sandbox\nopen('a.png', 'w').write('<script>')\nopen('b.html', 'w').write('<script>')\n1 / 0"
    defined, plot, failed = execute_notebook(programs, offering, tmp_path, hostile)
    assert defined == []
    assert printed(plot) == "[0, 1, 4, 9, 16, 25, 36, 49, 64, 81]\n"
    (picture,) = (output for output in plot if output["output_type"] == "display_data")
    assert base64.b64decode("".join(picture["data"]["image/png"])).startswith(b"\x89PNG\r\n")
    assert printed(failed).endswith("exception: ZeroDivisionError: division by zero\n")
    # A file that only says that it is a picture is shown as one, and as nothing else.
    assert [set(output["data"]) for output in failed if "data" in output] == [{"image/png", "text/plain"}]
