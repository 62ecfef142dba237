"""Prove a sandbox by running jobs in it."""

from typing import Final, Protocol

from sandbox.errors import SandboxFailure
from sandbox.job import Job
from sandbox.outcome import Outcome


class _Runs(Protocol):
    def run(self, job: Job) -> Outcome: ...


_TRIVIAL: Final = Job(
    script="import sys\ndef main(a):\n    print(sys.stdin.read())\n    return {'a': a}\n",
    inputs={"a": 1},
    stdin="in",
)


def check(sandbox: _Runs) -> None:
    """Run a real job in `sandbox`. Raises SandboxFailure if it does not come out right."""
    outcome = sandbox.run(_TRIVIAL)
    if outcome.result != {"a": 1} or outcome.stdout != "in\n":
        raise SandboxFailure(f"the self-test job came out wrong: {outcome.error or outcome.result}")
