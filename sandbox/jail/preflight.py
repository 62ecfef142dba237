"""The preflight check: can this host make a jail at all?

The check starts a jail with the options of every jail. Its root contains only the interpreter and its shared
libraries, and the interpreter prints its version. A host that fails this check cannot run any job in a jail.
"""

import resource
import subprocess
from typing import Final

from sandbox.errors import SandboxFailure
from sandbox.isolation import Isolation
from sandbox.jail import user_namespaces
from sandbox.jail.command import JailConfig, environment, preflight_command
from sandbox.jail.user import pick_outside_user

#: Seconds that the check may take.
_TIMEOUT: Final = 30.0

#: Characters of nsjail's output that the error repeats.
_OUTPUT_SHOWN: Final = 1000


def check_core_dumps(core_pattern: str) -> None:
    """Check that a crash in a jail cannot start the host's core-dump helper.

    A limit on core files of 1 prevents it, and 0 does not (man 5 core). Only a privileged worker can raise a
    hard limit of 0.

    Args:
        core_pattern: The host's setting, from /proc/sys/kernel/core_pattern.

    Raises:
        SandboxFailure: The limit is 0 and core_pattern is a pipe.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    if hard or not core_pattern.startswith("|"):
        return
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (soft, 1))
    except ValueError as error:
        raise SandboxFailure(
            "the hard limit on core files is 0 and core_pattern is a pipe, so a crash in a jail would start "
            "the host's core-dump helper; raise the limit to 1 or more"
        ) from error


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
        cause = user_namespaces.find_fault()
        raise SandboxFailure(
            f"no jail can be made; {cause + '; ' if cause else ''}"
            f"output of nsjail: {output[:_OUTPUT_SHOWN] or 'none'}"
        )
