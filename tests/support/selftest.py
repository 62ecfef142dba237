"""The output of the command `python -m sandbox selftest`."""

import subprocess


def assert_selftest_passed(ran: subprocess.CompletedProcess[str]) -> str:
    """Check that the self-test passed; on failure show its failed checks.

    Returns:
        The first line of its output, which names the sandbox.
    """
    lines = ran.stdout.splitlines()
    failed = [line for line in lines if " ok " not in line]
    assert ran.returncode == 0, "\n".join([*failed, ran.stderr])
    return lines[0]
