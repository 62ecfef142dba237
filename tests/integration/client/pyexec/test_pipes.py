"""The command `pyexec` with pipes, against the live service."""

import json
import os
import signal
import subprocess
from pathlib import Path

import httpx
import pytest

from python_executor import Client, Status
from tests.support.pyexec import PROGRAM, Pyexec, Ran
from tests.support.service import Service
from tests.support.wait import eventually

SLEEP = "import time; print('began', flush=True); time.sleep(25)"


def fails(code: int, message: str) -> Ran:
    return Ran(code, "", f"pyexec: {message}\n")


@pytest.mark.parametrize(
    ("code", "arguments", "ran"),
    [
        ("print('é'); print(1, end='')", "", Ran(0, "é\n1", "")),
        ("import sys; print(sys.argv[1:])", "a -- --json -c", Ran(0, "['a', '--json', '-c']\n", "")),
        ("print(input())", "--stdin -", Ran(0, "typed\n", "")),
        ("import sys; sys.exit(3)", "", fails(3, "exit: the script exited with status 3")),
        ("import sys; sys.exit(124)", "", fails(124, "exit: the script exited with status 124")),
        (
            "import sys\ndef main(): sys.exit(0)",
            "--mode main",
            fails(1, "exit: the script exited with status 0"),
        ),
        ("while True: pass", "--timeout 0.3", fails(124, "timeout: the job ran longer than its 0.3 s")),
        (
            "'a' * 10**9",
            "--memory 64",
            fails(137, "memory_limit: the job used more than its 64 MB of memory"),
        ),
        ("import os; os.kill(os.getpid(), 11)", "", fails(139, "killed: the script was killed by SIGSEGV")),
        ("f(", "", fails(1, "syntax_error, line 1, column 2: '(' was never closed")),
        ("print('\0')", "", fails(1, "syntax_error, line 1, column 8: the script holds a null byte")),
        ("", "--timeout 99", fails(2, "limits.timeout: must be at most 30")),
        ("", "--env nix", fails(2, "environment: there is no such environment; the only one is stdlib")),
    ],
)
def test_run_passes_on_output_and_exit_code(pyexec: Pyexec, code: str, arguments: str, ran: Ran) -> None:
    (pyexec.folder / "s.py").write_text(code)
    assert pyexec("run", "s.py", *arguments.split(), stdin="typed\n") == ran


def test_run_ends_a_line_of_the_script_before_its_own(pyexec: Pyexec) -> None:
    ran = pyexec("run", "-c", "import sys; sys.stderr.write('e'); sys.exit(3)")
    assert ran == Ran(3, "", "e\npyexec: exit: the script exited with status 3\n")


def test_run_prints_the_result_as_the_last_line(pyexec: Pyexec) -> None:
    code = "def main(n, name): print('no end', end=''); return {'n': n, 'name': name}"
    ran = pyexec("run", "-c", code, "--input", "n=3", "-i", "name=Zoë\u009b")
    assert ran == Ran(0, 'no end\n{"n": 3, "name": "Zoë\\u009b"}\n', "")


def test_run_shows_the_traceback_once(pyexec: Pyexec) -> None:
    for arguments in (["1/0"], ["def main(): 1/0", "--mode", "main"]):
        ran = pyexec("run", "-c", *arguments)
        assert (ran.code, ran.out) == (1, "")
        assert ran.err.count("Traceback (most recent call last):\n") == 1
        assert ran.err.endswith(
            "ZeroDivisionError: division by zero\npyexec: exception, line 1: ZeroDivisionError: division by zero\n"
        )


def test_run_reads_the_script_from_standard_input(pyexec: Pyexec) -> None:
    source = b"\xef\xbb\xbfimport sys\r\nprint(sys.argv[1:])\r\n1/0\r\n"
    ran = pyexec("run", "-", "a", stdin=source)
    assert (ran.code, ran.out) == (1, "['a']\n")
    assert "exception, line 3" in ran.err


def test_run_prints_only_the_job_object_with_json(pyexec: Pyexec) -> None:
    ran = pyexec("run", "--json", "-c", "import sys; print('\x1b\u202e'); sys.exit(3)")
    assert (ran.code, ran.err) == (3, "pyexec: exit: the script exited with status 3\n")
    assert ran.out.removesuffix("\n").isprintable()
    job = json.loads(ran.out)
    assert (job["status"], job["stdout"], job["exit_code"]) == ("failed", "\x1b\u202e\n", 3)
    headers = {"Authorization": f"Bearer {pyexec.key}"}
    answer = httpx.get(f"{pyexec.url}/jobs/{job['id']}", headers=headers).json()
    assert job == answer
    assert list(job) == list(answer)


def test_run_prints_the_error_of_a_refused_script_with_json(pyexec: Pyexec) -> None:
    ran = pyexec("run", "--json", "-c", "f(")
    job = json.loads(ran.out)
    assert (ran.code, job["id"], job["status"], job["error"]["type"]) == (1, None, "refused", "syntax_error")


def test_run_passes_on_bytes_unchanged(pyexec: Pyexec) -> None:
    text = "\x1b[2J\x00\x9b\r\n\u202e\u2028é"
    ran = pyexec(
        "run", "-c", f"print({text!r} * 1000, end=''); import sys; sys.stderr.write('\\x1b]0;t\\x07')"
    )
    assert ran == Ran(0, text * 1000, "\x1b]0;t\x07")


def test_run_replaces_bytes_that_are_no_text(pyexec: Pyexec) -> None:
    assert pyexec("run", "-c", r"import os; os.write(1, b'a\xffb')") == Ran(0, "a\ufffdb", "")


def test_run_says_that_output_was_cut(pyexec: Pyexec) -> None:
    ran = pyexec("run", "-c", "print('x' * 5_000_000); print('end')")
    assert (ran.code, ran.out) == (0, "x" * 2**20)
    assert ran.err == "pyexec: stdout is longer than the service keeps: the rest is missing\n"


def test_run_sends_files_and_saves_artifacts(pyexec: Pyexec) -> None:
    (pyexec.folder / "in.bin").write_bytes(b"\xff\x00")
    code = (
        "import os; os.mkdir('out'); data = open('data/x', 'rb').read(); open('out/y', 'wb').write(data * 2)"
    )
    arguments = ("run", "-c", code, "--file", "data/x=in.bin", "--artifact", "out/**", "--output", "saved")
    assert pyexec(*arguments) == Ran(0, "", "pyexec: saved in saved: out/y\n")
    assert (pyexec.folder / "saved/out/y").read_bytes() == b"\xff\x00\xff\x00"
    again = pyexec(*arguments)
    assert (again.code, again.err) == (
        125,
        "pyexec: artifact out/y is not saved: a file of this name is there\n",
    )
    assert pyexec(*arguments, "--overwrite").code == 0


def test_run_names_artifacts_that_the_service_dropped(pyexec: Pyexec) -> None:
    code = "open('big', 'wb').write(bytes(9 * 2**20)); open('small', 'w').write('1')"
    ran = pyexec("run", "-c", code, "--artifact", "*")
    assert ran.code == 125
    assert "artifact big is not saved: the service has not kept its 9437184 bytes" in ran.err
    assert [path.name for path in pyexec.folder.iterdir()] == ["small"]


def test_run_saves_artifacts_of_a_failed_script_and_keeps_its_exit_code(pyexec: Pyexec) -> None:
    (pyexec.folder / "x").mkdir()
    ran = pyexec("run", "-c", "open('x', 'w'); import sys; sys.exit(7)", "--artifact", "x")
    assert ran.code == 7
    assert "artifact x is not saved" in ran.err


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_run_shows_output_at_once_and_cancels_the_job_when_a_signal_comes(
    pyexec: Pyexec, client: Client, number: int, code: int
) -> None:
    with pyexec.start("run", "-c", SLEEP, "--timeout", "30") as process:
        assert process.stdout
        assert process.stdout.readline() == b"began\n"
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    job = next(client.list())
    assert job.status is Status.CANCELLED
    assert (process.returncode, out) == (code, b"")
    assert err.decode() == f"pyexec: interrupted; job {job.id} is cancelled\n"


def test_run_cancels_the_job_quietly_when_its_output_is_not_read(pyexec: Pyexec, client: Client) -> None:
    code = "import time\nfor n in range(500): print(n, flush=True); time.sleep(0.02)"
    with pyexec.start("run", "-c", code, "--timeout", "30") as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == b"0\n"
        process.stdout.close()
        assert process.wait(20) == 141
        assert process.stderr.read() == b""
    assert next(client.list()).status is Status.CANCELLED


def test_run_says_that_its_output_cannot_be_written(pyexec: Pyexec) -> None:
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(
            [*_program(), "run", "-c", "print(1)"],
            stdout=full,
            stderr=subprocess.PIPE,
            env=pyexec.environment,
            check=False,
        )
    assert ran.returncode == 125
    assert ran.stderr.startswith(b"pyexec: the output cannot be written: No space left on device")


def test_run_stays_ignorant_of_a_signal_that_is_ignored(pyexec: Pyexec, client: Client) -> None:
    command = ["sh", "-c", 'trap "" HUP; exec "$0" "$@"', *_program(), "run", "-c", SLEEP, "--timeout", "30"]
    with subprocess.Popen(
        command, env=pyexec.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"began\n"
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 143
    assert next(client.list()).status is Status.CANCELLED


@pytest.mark.usefixtures("occupied")
def test_run_cancels_a_queued_job_when_interrupted(pyexec: Pyexec, client: Client) -> None:
    with pyexec.start("run", "-c", "print('never')") as process:
        queued = eventually(lambda: list(client.list("queued")), within=20, what="the job is queued")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (130, b"")
    assert err.decode() == f"pyexec: interrupted; job {queued[0].id} is cancelled\n"
    assert client.get(queued[0].id).status is Status.CANCELLED


@pytest.mark.usefixtures("occupied")
def test_run_gives_up_waiting_and_names_the_job(pyexec: Pyexec, client: Client) -> None:
    ran = pyexec("run", "-c", "print(1)", "--wait", "0.5")
    job = next(client.list("queued"))
    client.cancel(job.id)
    assert (ran.code, ran.out) == (125, "")
    assert f"job {job.id} did not end within 0.5 seconds; it goes on" in ran.err


def test_submit_wait_status_list_and_cancel_agree(pyexec: Pyexec) -> None:
    submitted = pyexec("submit", "-c", "print(1); open('x', 'w').write('2'); 1/0", "--artifact", "x")
    job_id = submitted.out.strip()
    assert submitted == Ran(0, f"{job_id}\n", "")
    waited = pyexec("wait", job_id, "--output", "d")
    assert (waited.code, waited.out) == (1, "1\n")
    assert waited.err.endswith(
        "pyexec: saved in d: x\npyexec: exception, line 1: ZeroDivisionError: division by zero\n"
    )
    assert (pyexec.folder / "d/x").read_text() == "2"
    status = pyexec("status", job_id)
    assert status.code == 0
    assert "error        exception: ZeroDivisionError: division by zero\n" in status.out
    shown = json.loads(pyexec("status", job_id, "--json").out)
    listed = json.loads(pyexec("list", "--status", "failed", "--limit", "1", "--json").out)
    assert listed[0]["id"] == shown["id"] == job_id
    assert pyexec("list", "--limit", "1").out.splitlines()[1].startswith(f"{job_id}  failed")
    assert pyexec("cancel", job_id).code == 1


def test_cancel_ends_jobs_and_goes_on_after_a_wrong_id(pyexec: Pyexec, client: Client) -> None:
    first, second = (client.submit(SLEEP, timeout=30).id for _ in range(2))
    ran = pyexec("cancel", first, "nix", second)
    assert ran == Ran(
        2,
        f"{first} is cancelled\n{second} is cancelled\n",
        "pyexec: job nix: there is no such job, or no longer\n",
    )
    assert {client.get(first).status, client.get(second).status} == {Status.CANCELLED}
    assert pyexec("wait", first) == Ran(130, "", f"pyexec: job {first} was cancelled\n")


def test_wait_leaves_the_job_when_interrupted(pyexec: Pyexec, client: Client) -> None:
    job = client.submit(SLEEP, timeout=30, stream=True)
    with pyexec.start("wait", job.id) as process:
        assert process.stdout
        assert process.stdout.readline() == b"began\n"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    assert (process.returncode, err.decode()) == (130, f"pyexec: interrupted; job {job.id} goes on\n")
    assert client.cancel(job.id).status is Status.CANCELLED


@pytest.mark.parametrize("command", ["status", "wait"])
def test_unknown_job_is_wrong_usage(pyexec: Pyexec, command: str) -> None:
    assert pyexec(command, "nix") == Ran(2, "", "pyexec: there is no such job, or no longer\n")


def test_submit_says_why_a_script_is_refused(pyexec: Pyexec) -> None:
    assert pyexec("submit", "-c", "f(") == Ran(
        1, "", "pyexec: syntax_error, line 1, column 2: '(' was never closed\n"
    )


def test_environments_are_listed(pyexec: Pyexec) -> None:
    assert pyexec("environments").out.startswith("stdlib: Python 3.")
    assert [one["name"] for one in json.loads(pyexec("environments", "--json").out)] == ["stdlib"]


def test_wrong_key_is_a_fault_that_says_what_to_set(pyexec: Pyexec) -> None:
    wrong = Pyexec(pyexec.url, pyexec.folder, "pyx_wrong")
    for arguments in (["run", "-c", "1"], ["submit", "-c", "1"], ["list"]):
        ran = wrong(*arguments)
        assert (ran.code, ran.out) == (125, "")
        assert "set PYTHON_EXECUTOR_KEY" in ran.err
    assert wrong("list", "--key", pyexec.key).code == 0


def test_doctor_runs_a_script(pyexec: Pyexec) -> None:
    report = json.loads(pyexec("doctor", "--json").out)
    assert report["ran"] is True
    assert [each["name"] for each in report["findings"]] == [
        *("url", "reachable", "key", "version", "ready", "worker", "run")
    ]
    assert {each["status"] for each in report["findings"]} == {"ok"}
    ran = pyexec("doctor")
    assert (ran.code, ran.err) == (0, "")
    assert pyexec.key not in ran.out


def test_doctor_says_what_to_do_when_the_key_is_wrong(pyexec: Pyexec) -> None:
    ran = Pyexec(pyexec.url, pyexec.folder, "pyx_wrong")("doctor")
    assert ran.code == 1
    assert "failed   key" in ran.out
    assert "→ set PYTHON_EXECUTOR_KEY to a key of the service (it is set)" in ran.out


def test_doctor_warns_of_a_key_that_the_service_does_not_need(service: Service, tmp_path: Path) -> None:
    ran = Pyexec(str(service.client.base_url), tmp_path, "pyx_wrong")("doctor")
    assert ran.code == 0
    assert "warning  key        the service needs no key, and does not check the one that is set" in ran.out
    assert "→ unset PYTHON_EXECUTOR_KEY, or check that this is the right service" in ran.out


def test_completion_completes_commands_and_options(pyexec: Pyexec) -> None:
    assert "_PYEXEC_COMPLETE=zsh_complete" in pyexec("completion", "zsh").out
    assert "_PYEXEC_COMPLETE=fish_complete" in pyexec("completion", "fish").out
    script = pyexec("completion", "bash").out
    complete = 'COMP_WORDS=(pyexec run --art) COMP_CWORD=2; _pyexec_completion pyexec; echo "${COMPREPLY[@]}"'
    path = f"{_program()[0].rpartition('/')[0]}:{os.environ['PATH']}"
    ran = subprocess.run(
        ["bash", "-c", f"{script}\n{complete}"],
        env={"PATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == "--artifact\n"


def _program() -> list[str]:
    return [str(PROGRAM)]
