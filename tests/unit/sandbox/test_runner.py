"""The reports of a runner about a program, and about the main block of a script."""

import json
import subprocess
import sys
from typing import Any

import pytest

#: Runs a job as a runner does, in a process of its own, whose `__main__` it replaces.
_RUN = """
import json, sys
from sandbox.guest import runner
from sandbox.guest.jailed import Jailed
print(json.dumps(runner.run(json.load(sys.stdin), Jailed())))
"""


def _run(script: str, **fields: Any) -> tuple[dict[str, Any], list[str], str]:
    """Return the report, the lines of standard output before it, and standard error."""
    job = {"script": script, "inputs": {}, "result_bytes": 1000, **fields}
    ran = subprocess.run(
        [sys.executable, "-c", _RUN], input=json.dumps(job), capture_output=True, text=True, check=True
    )
    *lines, report = ran.stdout.splitlines()
    return json.loads(report), lines, ran.stderr


@pytest.mark.parametrize(
    ("script", "expected", "stderr"),
    [
        ("1", {"kind": "end"}, ""),
        ("raise SystemExit", {"kind": "exit", "code": 0, "message": "the script exited with status 0"}, ""),
        (
            "raise SystemExit(3)",
            {"kind": "exit", "code": 3, "message": "the script exited with status 3"},
            "",
        ),
        (
            "raise SystemExit('why')",
            {"kind": "exit", "code": 1, "message": "the script exited: why"},
            "why\n",
        ),
        (
            "import sys\nsys.excepthook = lambda *_: sys.exit(4)\n1 / 0",
            {"kind": "exit", "code": 4, "message": "the script exited with status 4"},
            "",
        ),
    ],
)
def test_runner_reports_how_a_program_ended(script: str, expected: dict[str, Any], stderr: str) -> None:
    assert _run(script, mode="program") == (expected, [], stderr)


def test_runner_prints_an_uncaught_exception_of_a_program() -> None:
    report, _, stderr = _run("def f(): return 1 / 0\n\nf()\n", mode="program")
    assert (report["kind"], report["message"]) == ("exception", "ZeroDivisionError: division by zero")
    lines = stderr.splitlines()
    assert [line for line in lines if not line.startswith("    ")] == [
        "Traceback (most recent call last):",
        '  File "script.py", line 3, in <module>',
        '  File "script.py", line 1, in f',
        "ZeroDivisionError: division by zero",
    ]


def test_program_has_its_arguments_and_its_main_block() -> None:
    script = "import sys\nif __name__ == '__main__': print(sys.argv[1:])\ndef main(): print('not called')\n"
    assert _run(script, mode="program", argv=["a", "b"]) == ({"kind": "end"}, ["['a', 'b']"], "")


def test_main_block_is_left_out_when_the_service_calls_main() -> None:
    script = "if __name__ == '__main__': print('block')\nelse: print('else')\ndef main(): return {}\n"
    assert _run(script) == ({"kind": "result", "result": {}}, ["else"], "")
