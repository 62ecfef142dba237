"""The command `pyexec` in a terminal, against the live service."""

import re

import pytest

from python_executor import Client, Status
from tests.support.event_server import event_server, status
from tests.support.pyexec import PROGRAM, Pyexec
from tests.support.terminal import CTRL_C, CTRL_D, in_terminal

#: The beginning of a line of the command itself.
MARK = "\x1b[0;7mpyexec:\x1b[0m "

REMOVE = "\r\x1b[K"


def test_run_filters_the_output_of_the_script(pyexec: Pyexec) -> None:
    code = r"""
import sys, time
print("\x1b]52;c;ZXZpbA==\x07\x1b[2J\x1b[1A\x9bH\u202e\x1b[7;31mred")
for part in ("\x1b", "]0;ti", "tle\x07", "\x1b[3", "2mgreen", "\x1b[8m"):
    sys.stdout.write(part); sys.stdout.flush(); time.sleep(0.1)
sys.exit(3)
"""
    with pyexec.in_terminal("run", "-c", code) as terminal:
        assert terminal.end() == 3
    assert terminal.output == (
        r"\x1b]52;c;ZXZpbA==\x07\x1b[2J\x1b[1A\x9bH\u202e"
        "\x1b[31mred\n\\x1b]0;title\\x07\x1b[32mgreen\x1b[0m\n"
        f"{MARK}exit: the script exited with status 3\n"
    )


def test_run_filters_its_messages_about_the_script(pyexec: Pyexec) -> None:
    code = r"def main(): raise ValueError('\x1b[2J\n\x1b[1Apyexec: saved')"
    with pyexec.in_terminal("run", "--mode", "main", "-c", code) as terminal:
        assert terminal.end() == 1
    lines = terminal.output.splitlines()
    assert lines[-2] == r"\x1b[1Apyexec: saved"
    assert lines[-1] == rf"{MARK}exception, line 1: ValueError: \x1b[2J\n\x1b[1Apyexec: saved"
    assert set(re.findall("\x1b.{0,4}", terminal.output)) == {"\x1b[0;7", "\x1b[0m "}


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_run_uses_no_colour_where_none_is_wanted(pyexec: Pyexec, name: str, value: str) -> None:
    pyexec.variables[name] = value
    with pyexec.in_terminal("run", "-c", r"print('\x1b[31mred\x1b[0m'); 1/0") as terminal:
        assert terminal.end() == 1
    assert "\x1b" not in terminal.output
    assert terminal.output.startswith("red\n")
    assert terminal.output.endswith("pyexec: exception, line 1: ZeroDivisionError: division by zero\n")


def test_ctrl_c_cancels_a_running_job(pyexec: Pyexec, client: Client) -> None:
    with pyexec.in_terminal(
        "run", "-c", "import time; print('began'); time.sleep(25)", "--timeout", "30"
    ) as terminal:
        terminal.read_until("began\n")
        terminal.type(CTRL_C)
        assert terminal.end() == 130
    job = next(client.list())
    assert job.status is Status.CANCELLED
    assert terminal.output.endswith(f"{MARK}interrupted; job {job.id} is cancelled\n")


def test_run_leaves_no_progress_behind_when_the_reader_of_its_output_ends(pyexec: Pyexec) -> None:
    code = "for n in range(100_000): print(n)"
    pipeline = f"{PROGRAM} run -c '{code}' | head -n 1"
    with in_terminal(["bash", "-c", pipeline], pyexec.environment, pyexec.folder) as terminal:
        assert terminal.end() == 0
    assert terminal.output == f"0\npyexec: cancelling the job{REMOVE}"


@pytest.mark.usefixtures("occupied")
def test_run_shows_that_the_job_is_queued_until_ctrl_c(pyexec: Pyexec, client: Client) -> None:
    with pyexec.in_terminal("run", "-c", "print('never')") as terminal:
        terminal.read_until("is queued, 1 s")
        job = next(client.list("queued"))
        terminal.type(CTRL_C)
        assert terminal.end() == 130
    assert f"pyexec: job {job.id} is queued, 1 s" in terminal.output
    assert terminal.output.endswith(f"{REMOVE}{MARK}interrupted; job {job.id} is cancelled\n")
    assert client.get(job.id).status is Status.CANCELLED


def test_run_removes_the_progress_before_output(pyexec: Pyexec, client: Client, occupied: str) -> None:
    with pyexec.in_terminal("run", "-c", "print('out')") as terminal:
        terminal.read_until("is queued, 1 s")
        client.cancel(occupied)
        assert terminal.end() == 0
    assert terminal.output.endswith(f"{REMOVE}out\n")
    assert "\n" not in terminal.output[:-1]


def test_run_reads_a_script_that_is_typed(pyexec: Pyexec) -> None:
    with pyexec.in_terminal("run", "-") as terminal:
        terminal.read_until("reading from the terminal; Ctrl-D ends it\n")
        terminal.type("print(6 * 7)\n")
        terminal.type(CTRL_D)
        assert terminal.end() == 0
    assert terminal.output.endswith("42\n")


def test_ctrl_c_ends_the_command_while_it_reads(pyexec: Pyexec) -> None:
    with pyexec.in_terminal("run", "-") as terminal:
        terminal.read_until("reading from the terminal; Ctrl-D ends it\n")
        terminal.wait_for_sleep()
        terminal.type(CTRL_C)
        assert terminal.end() == 130
    assert "Traceback" not in terminal.output


def test_run_shows_a_line_of_a_megabyte(pyexec: Pyexec) -> None:
    with pyexec.in_terminal("run", "-c", "print('x' * 2**20 * 2)") as terminal:
        assert terminal.end() == 0
    assert terminal.output.startswith("x" * 2**20 + "\n" + MARK)


def test_run_tells_its_own_line_from_an_imitation(pyexec: Pyexec) -> None:
    with pyexec.in_terminal("run", "-c", rf"print({MARK!r} + 'job is cancelled')") as terminal:
        assert terminal.end() == 0
    assert terminal.output == "\x1b[0mpyexec:\x1b[0m job is cancelled\n\x1b[0m"


def test_run_says_where_it_waits(pyexec: Pyexec) -> None:
    with event_server(status("queued")) as server:
        with Pyexec(server.url, pyexec.folder).in_terminal("run", "-c", "1") as terminal:
            terminal.read_until("is queued, 2 s")
            terminal.type(CTRL_C)
            assert terminal.end() == 130
        assert server.requests[-1].startswith("DELETE /jobs/")
    with Pyexec("http://127.0.0.1:1", pyexec.folder).in_terminal("run", "-c", "1") as terminal:
        terminal.read_until("pyexec: waiting for http://127.0.0.1:1, 1 s")
        terminal.type(CTRL_C)
        assert terminal.end() == 130


def test_doctor_colours_its_findings(pyexec: Pyexec) -> None:
    with pyexec.in_terminal("doctor") as terminal:
        assert terminal.end() == 0
    assert terminal.output.count("\x1b[32mok") == 7
