"""The preflight check: can this host make a jail at all?

The check starts a jail with the options of every jail. Its root contains only the interpreter and its shared
libraries, and the interpreter prints its version. A host that fails this check cannot run any job in a jail.
"""

import subprocess
from typing import Final

from sandbox.errors import SandboxFailure
from sandbox.isolation import Isolation
from sandbox.jail.command import JailConfig, environment, preflight_command
from sandbox.jail.user import pick_outside_user

#: Seconds that the check may take.
_TIMEOUT: Final = 10.0

#: Characters of nsjail's output that the error repeats.
_OUTPUT_SHOWN: Final = 1000


def run(config: JailConfig, isolation: Isolation) -> None:
    """Run the check. Raises SandboxFailure, with nsjail's output, where no jail can be made."""
    try:
        finished = subprocess.run(
            preflight_command(config, isolation, pick_outside_user()),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment(config),
            cwd="/",
            timeout=_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise SandboxFailure(f"no jail can be made within {_TIMEOUT:g} s") from error
    except OSError as error:
        raise SandboxFailure(f"no jail can be made: {error}") from error
    if finished.returncode:
        output = finished.stdout.decode(errors="replace").strip()
        raise SandboxFailure(f"no jail can be made; output of nsjail: {output[:_OUTPUT_SHOWN] or 'none'}")
