"""The supervisor. These tests notice when a private member of honcho changes that it uses."""

import subprocess
import sys
import textwrap

#: Runs the supervisor with one process for each argument, a shell script, and prints its attribute first_exit.
_PROGRAM = """
    import multiprocessing, os, sys
    from cli.supervisor import Supervisor

    # The default since Python 3.14.
    multiprocessing.set_start_method("forkserver")

    supervisor = Supervisor({"PATH": "/usr/bin:/bin"})
    for name, script in zip(("one", "two"), sys.argv[2:]):
        supervisor.add(name, ("sh", "-c", script))
    if sys.argv[1] == "stop first":
        supervisor.terminate()
    print(os.getpid(), flush=True)
    supervisor.loop()
    print("first exit:", supervisor.first_exit)
"""


def _supervise(*scripts: str, stop_first: bool = False) -> subprocess.CompletedProcess[str]:
    when = "stop first" if stop_first else "run"
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(_PROGRAM), when, *scripts],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )


def test_supervisor_stops_all_processes_when_one_ends() -> None:
    ran = _supervise("exec sleep 600", "exit 3")
    assert ran.stdout.splitlines()[-1] == "first exit: ('two', 3)"
    assert "one stopped (rc=-15)" in ran.stdout


def test_supervisor_prefixes_stdout_and_passes_stderr_unchanged() -> None:
    ran = _supervise("echo output; echo log >&2")
    assert any("one" in line and line.endswith("| output") for line in ran.stdout.splitlines())
    assert ran.stderr == "log\n"


def test_supervisor_stops_all_processes_when_terminated_before_they_have_started() -> None:
    ran = _supervise("exec sleep 600", "exec sleep 600", stop_first=True)
    assert ran.stdout.splitlines()[-1] == "first exit: None"
    assert ran.stdout.count("stopped (rc=-15)") == 2


def test_supervisor_has_one_child_for_each_process() -> None:
    count = "import psutil; parent = psutil.Process().parents()[1]; print(parent.pid, len(parent.children()))"
    ran = _supervise(f'exec {sys.executable} -c "{count}"')
    supervisor = ran.stdout.splitlines()[0]
    assert f"{supervisor} 1\n" in ran.stdout


def test_supervisor_does_not_kill_a_process_when_its_end_takes_six_seconds() -> None:
    ran = _supervise(
        "trap 'sleep 6; exit 7' TERM; echo ready; while :; do sleep 0.1; done", "sleep 1; exit 3"
    )
    assert "one stopped (rc=7)" in ran.stdout
