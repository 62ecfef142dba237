"""A client that openapi-python-client generates from the OpenAPI document of the running service."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.client_environment import build_client_environment
from tests.support.service import Service

#: Submits a script of each mode, looks a job up, fetches an artifact and gets an error, all with generated code.
PROGRAM: Final = """
import json, sys
from executor_api import Client
from executor_api.api.environments import list_environments
from executor_api.api.files import get_artifact
from executor_api.api.jobs import look_up
from executor_api.api.run import execute, submit
from executor_api.models import AskedLimits, Error, Job, Mode, Submission, SubmissionInputs

client = Client(base_url=sys.argv[1])
returns = Submission(
    script="def main(n): return {'twice': 2 * n}", inputs=SubmissionInputs.from_dict({"n": 21}),
    limits=AskedLimits(timeout=3),
)
returned = execute.sync(client=client, body=returns)
program = Submission(
    script="import sys; open('a.txt', 'w').write(sys.argv[1])", mode=Mode.PROGRAM, argv=["text"], artifacts=["*.txt"]
)
queued = submit.sync(client=client, body=program)
ended = look_up.sync(queued.id, client=client, wait=30)
[artifact] = ended.artifacts
content = get_artifact.sync(ended.id, artifact.path, client=client)
refused = execute.sync(client=client, body=Submission(script="while"))
assert isinstance(returned, Job) and isinstance(ended, Job) and isinstance(refused, Error)
print(json.dumps({
    "result": returned.result.to_dict(),
    "timeout": returned.limits.timeout,
    "status": str(ended.status),
    "artifact": content.payload.read().decode(),
    "refused": refused.error.type_,
    "environments": [one.name for one in list_environments.sync(client=client)],
}))
"""


@pytest.fixture(scope="module")
def python() -> Path:
    """The interpreter of an environment that has the generator, and what its clients need."""
    return build_client_environment("openapi")


def test_generated_client_runs_jobs_and_decodes_every_answer(
    service: Service, python: Path, tmp_path: Path
) -> None:
    # The generator formats what it writes with the ruff on PATH.
    path = f"{python.parent}:{os.environ['PATH']}"
    url = str(service.client.base_url)
    generate = ["openapi-python-client", "generate", "--url", f"{url}/openapi.json", "--meta", "none"]
    made = run(*generate, "--output-path", "executor_api", "--fail-on-warning", cwd=tmp_path, path=path)
    assert made.returncode == 0, made.stdout + made.stderr
    ran = run("python", "-c", PROGRAM, url, cwd=tmp_path, path=path)
    assert ran.returncode == 0, ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout)
    assert found == {
        "result": {"twice": 42},
        "timeout": 3.0,
        "status": "succeeded",
        "artifact": "text",
        "refused": "syntax_error",
        "environments": ["stdlib"],
    }


def run(*command: str, cwd: Path, path: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder."""
    program = Path(path.partition(":")[0], command[0])
    return subprocess.run(
        [program, *command[1:]],
        cwd=cwd,
        env={"PATH": path, "HOME": str(cwd), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
