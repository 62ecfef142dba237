"""The keeper of a slot: a process that shares the memory of the runner, and that a script can kill but not use."""

import textwrap

import pytest

from jobs.job import Job
from jobs.mode import Mode
from sandbox.jail.sandbox import NsjailSandbox
from tests.support.scripts import run_script


def test_script_has_no_child_that_it_did_not_start(sandbox: NsjailSandbox) -> None:
    outcome = run_script(
        sandbox,
        """
        import os
        def main():
            try:
                os.waitpid(-1, 0x40000000)  # __WALL: children of every kind
            except ChildProcessError:
                return {"children": 0}
        """,
    )
    assert (outcome.error, outcome.result) == (None, {"children": 0})


@pytest.mark.parametrize("number", ["SIGKILL", "SIGINT", "SIGTERM", "SIGSTOP"])
def test_script_ends_as_usual_when_it_has_sent_a_signal_to_all_processes(
    sandbox: NsjailSandbox, number: str
) -> None:
    script = f"""
        import os, signal, time
        def main():
            try:
                os.kill(-1, signal.{number})
            except ProcessLookupError:
                pass  # there is no other process in a fresh jail
            time.sleep(0.05)
            return {{"alive": True}}
        """
    for _ in range(2):
        outcome = run_script(sandbox, script)
        assert (outcome.error, outcome.result) == (None, {"alive": True})


def test_script_can_become_another_program(sandbox: NsjailSandbox) -> None:
    script = """
        import os, sys
        print("before", flush=True)
        os.execv(sys.executable, [sys.executable, "-c", "print('after')"])
        """
    outcome = sandbox.run(Job(textwrap.dedent(script), {}, mode=Mode.PROGRAM))
    assert (outcome.error, outcome.stdout) == (None, "before\nafter\n")


def test_memory_of_a_job_is_free_when_the_next_begins(sandbox: NsjailSandbox) -> None:
    """The keeper holds the memory when the end of the runner is reported."""
    script = "def main():\n    return {'n': len(b'x' * 100 * 2**20)}"
    peaks = []
    for _ in range(4):
        for source in (script, "def main():\n    return {}"):
            outcome = run_script(sandbox, source)
            assert outcome.error is None, outcome.error
            peaks.append(outcome.usage.memory_peak_bytes or 0)
    assert min(peaks[0::2]) > 100 * 2**20
    assert max(peaks[1::2]) < 40 * 2**20
