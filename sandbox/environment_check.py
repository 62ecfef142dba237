"""The check of an environment: do its modules import, and are its jobs isolated?"""

from collections.abc import Callable
from typing import Final

from jobs.job import Job
from jobs.limits import Limits
from sandbox.environment_view import EnvironmentView
from sandbox.errors import SandboxFailure
from sandbox.packages import Packages
from sandbox.protocol import Sandbox

#: The limits of the job that imports the modules of an environment, in a fresh jail for the first time.
_IMPORTS: Final = Limits(timeout=60, cpu=60, memory_mb=1024)


def check(sandbox: Sandbox, packages: Packages, verify: Callable[[Sandbox], None]) -> str | None:
    """Run test jobs in an environment of a sandbox; wait for its zygote if it is not ready yet.

    Args:
        sandbox: The sandbox.
        packages: The packages of the environment.
        verify: Runs test jobs in a sandbox and raises SandboxFailure if an isolation or limit fails.

    Returns:
        What is wrong with the environment, None if it works.
    """
    view = EnvironmentView(sandbox, packages.environment)
    script = "".join(f"import {module}\n" for module in packages.preload) + "def main(): return {}"
    try:
        outcome = view.run(Job(script, limits=_IMPORTS))
        if outcome.error:
            raise SandboxFailure(f"its modules cannot be imported: {outcome.error.message}")
        verify(view)
    except SandboxFailure as failure:
        return str(failure)
    return None
