"""The command `python-executor doctor`, run on set-ups that a test has broken."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from doctor.finding import Finding, Status
from tests.support.checkout import ROOT
from tests.support.need import need

COMMAND: Final = (sys.executable, "-P", "-m", "doctor")

#: Seconds that the command may take on a loaded machine. All its checks have bounds of their own.
_TIMEOUT: Final = 300


@dataclass(frozen=True)
class Examined:
    """What the command printed, and how it ended.

    Attributes:
        status: Its exit status.
        sandbox: The sandbox that it says works here.
        findings: The findings by name.
    """

    status: int
    sandbox: str | None
    findings: dict[str, Finding]


def examine(*only: str, wrapper: tuple[str, ...] = (), **environment: str) -> Examined:
    """Run the command.

    Args:
        *only: The checks to run; none means all.
        wrapper: The command that breaks the set-up and then executes the doctor.
        **environment: Additions to a small environment.
    """
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        ran = subprocess.run(
            [*wrapper, *COMMAND, "--json", *(["--only", *only] if only else [])],
            env=plain_environment(TMPDIR=folder) | environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=False,
        )
        assert not ran.stderr, ran.stderr
        assert list(Path(folder).iterdir()) == []
    return parse(ran)


def parse(ran: subprocess.CompletedProcess[str]) -> Examined:
    """Return what a run with --json printed."""
    document = json.loads(ran.stdout)
    findings = [Finding(**{**one, "status": Status(one["status"])}) for one in document["findings"]]
    for finding in findings:
        assert (finding.mend is None) == (finding.status is Status.OK), finding
    return Examined(ran.returncode, document["sandbox"], {finding.name: finding for finding in findings})


def plain_environment(**additions: str) -> dict[str, str]:
    """Return the environment of a shell without settings of the service."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **additions}


def shell(script: str) -> tuple[str, ...]:
    """Return a wrapper that runs a shell script, then the command."""
    return ("sh", "-ec", f'{script}; exec "$0" "$@"')


def in_mount_namespace(script: str) -> tuple[str, ...]:
    """Return a wrapper that runs a script as root in a mount namespace of its own, then the command."""
    need_unshare()
    return ("unshare", "--mount", "--propagation", "private", *shell(script))


@cache
def _unshare_works() -> bool:
    if os.geteuid() or shutil.which("unshare") is None:
        return False
    return subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True).returncode == 0


def need_unshare() -> None:
    """Require root, and the program unshare."""
    if not _unshare_works():
        need("only root can make namespaces with `unshare`")


#: Refuses one system call with EPERM from now on, then executes the command.
_REFUSE: Final = """
import ctypes, os, sys
from sandbox.guest import architecture, seccomp
machine = architecture.machine()
code = seccomp.begin(machine)
refusal = seccomp.instruction(seccomp.RETURN, seccomp.ERRNO | seccomp.EPERM)
code += seccomp.case(sys.argv[1], machine, [refusal])
code.append(seccomp.instruction(seccomp.RETURN, seccomp.ALLOW))
ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)
seccomp.Filter(b"".join(code)).install()
os.execv(sys.argv[2], sys.argv[2:])
"""


def refusing(call: str) -> tuple[str, ...]:
    """Return a wrapper under whose seccomp filter the command cannot make a system call."""
    return (sys.executable, "-c", _REFUSE, call)
