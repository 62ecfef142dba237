"""Whether the machine lets a jail be made at all, found out with a root that holds only the interpreter.

The trial is a jail like every other but for what runs in it: where it fails, all would fail.
"""

import os
import subprocess
from typing import Final

from sandbox.errors import SandboxFailure
from sandbox.isolation import Isolation
from sandbox.jail.command import JailConfig, environment, outside_id, preflight_command

#: Seconds it may take.
_WITHIN: Final = 10.0

#: The most that is told of what nsjail said, in characters.
_SAID: Final = 1000


def run(jails: JailConfig, isolation: Isolation) -> None:
    """Make a jail in which the interpreter says its version. Raises SandboxFailure."""
    uid = os.geteuid()
    outside = outside_id(uid)
    try:
        ran = subprocess.run(
            preflight_command(
                jails, isolation, outside_uid=outside, outside_gid=outside if uid == 0 else os.getegid()
            ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment(jails),
            cwd="/",
            timeout=_WITHIN,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise SandboxFailure(f"no jail can be made within {_WITHIN:g} s") from error
    except OSError as error:
        raise SandboxFailure(f"no jail can be made: {error}") from error
    if ran.returncode:
        said = ran.stdout.decode(errors="replace").strip()
        raise SandboxFailure(f"no jail can be made; nsjail said: {said[:_SAID] or 'nothing'}")
