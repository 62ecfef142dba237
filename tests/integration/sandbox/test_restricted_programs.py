"""Ordinary programs in the restricted executor: each has the result and the output that plain Python gives it."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jobs.job import Job
from sandbox.restricted.sandbox import RestrictedSandbox

#: Runs a program as plain Python, and writes its result to standard error.
_PLAIN = """
import asyncio, inspect, json, sys, types
module = types.ModuleType("script")
sys.modules["script"] = module
source = sys.stdin.read()
exec(compile(source, "script.py", "exec"), vars(module))
result = module.main()
result = asyncio.run(result) if inspect.iscoroutine(result) else result
json.dump(result, sys.stderr)
"""


def _programs() -> list[Any]:
    """Read the programs: a line `=== name` comes before each."""
    found = []
    for path in sorted((Path(__file__).parent / "programs").glob("*.txt")):
        parts = re.split(r"^=== (\w+)\n", path.read_text("utf-8"), flags=re.MULTILINE)
        found += [
            pytest.param(script, id=name) for name, script in zip(parts[1::2], parts[2::2], strict=True)
        ]
    return found


@pytest.mark.parametrize("script", _programs())
def test_program_gives_the_same_as_in_plain_python(restricted: RestrictedSandbox, script: str) -> None:
    plain = subprocess.run(
        [sys.executable, "-I", "-S", "-X", "utf8", "-W", "ignore", "-c", _PLAIN],
        input=script,
        capture_output=True,
        text=True,
        check=False,
        env={"TZ": "UTC0"},
        timeout=30,
    )
    assert plain.returncode == 0, plain.stderr
    outcome = restricted.run(Job(script))
    assert outcome.error is None, outcome.error
    assert outcome.result == json.loads(plain.stderr.splitlines()[-1])
    assert outcome.stdout == plain.stdout
