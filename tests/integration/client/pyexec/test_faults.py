"""The command `pyexec` when the service fails, restarts a job, or stops in the middle of an answer."""

import json
import signal
import socket
from pathlib import Path

import pytest

from tests.support.event_server import JOB, artifact, done, event_server, status
from tests.support.faulty_server import Behaviour, FaultyServer, faulty_server, floods, head, is_silent, says
from tests.support.pyexec import Pyexec, Ran
from tests.support.wait import eventually


def output(stream: str, text: str, offset: int = 0) -> tuple[str, dict[str, object]]:
    return stream, {"text": text, "offset": offset}


@pytest.mark.parametrize("command", [["run", "-c", "1"], ["submit", "-c", "1"], ["list"], ["wait", "1"]])
def test_command_ends_with_125_when_there_is_no_service(tmp_path: Path, command: list[str]) -> None:
    ran = Pyexec("http://127.0.0.1:1", tmp_path)("--patience", "0.3", *command)
    message = "pyexec: the service does not answer: [Errno 111] Connection refused; see `pyexec doctor`\n"
    assert ran == Ran(125, "", message)


def test_doctor_says_what_to_do_when_there_is_no_service(tmp_path: Path) -> None:
    ran = Pyexec("http://127.0.0.1:1", tmp_path)("doctor", "--patience", "0.3")
    assert ran.code == 1
    assert "failed   reachable  the service does not answer" in ran.out
    assert "→ start the service, or set PYTHON_EXECUTOR_URL to where it is" in ran.out


def test_doctor_says_that_another_server_answers(tmp_path: Path) -> None:
    with event_server(done(), artifacts={"": b"hello"}) as server:
        ran = Pyexec(server.url, tmp_path)("doctor")
    assert ran.code == 1
    assert "is this the service?" in ran.out


@pytest.mark.parametrize(
    "description",
    [says(200, b"[" * 100_000), floods(head(200, "Content-Type: application/json"), b" " * 65_536)],
    ids=["nested", "endless"],
)
def test_doctor_goes_on_when_the_description_of_the_service_is_hostile(
    tmp_path: Path, description: Behaviour
) -> None:
    refused = says(404, {"error": {"type": "not_found", "message": "no"}})
    with faulty_server() as server:
        server.answer(says(200, []), description, refused)
        ran = Pyexec(server.url, tmp_path)("doctor")
    assert (ran.code, ran.err) == (1, "")
    assert "service unknown" in ran.out
    assert "failed   run " in ran.out


def test_command_ends_with_125_when_the_answer_is_no_answer_of_the_service(tmp_path: Path) -> None:
    with event_server(("done", {"id": 1})) as server:
        ran = Pyexec(server.url, tmp_path)("run", "-c", "1")
    assert ran.code == 125
    assert ran.err.startswith("pyexec: an event 'done' has not the expected form")


def test_run_says_that_the_job_runs_again(tmp_path: Path) -> None:
    events = [status("running"), output("stdout", "half"), ("restarted", {"id": JOB}), status("running")]
    with event_server(*events, output("stdout", "whole\n"), done()) as server:
        ran = Pyexec(server.url, tmp_path)("run", "-c", "1")
    void = "pyexec: the worker or the sandbox failed, and the job runs again; the output so far is void\n"
    assert ran == Ran(0, "halfwhole\n", void)


@pytest.fixture
def linked(tmp_path: Path) -> Path:
    """A folder with a link that leads out of it."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/link").symlink_to(tmp_path / "outside")
    return tmp_path / "folder"


def test_run_saves_nothing_through_a_link(linked: Path) -> None:
    contents = dict.fromkeys(["good", "link/x", "\u202egnp.exe"], b"1")
    listed = [artifact(path, content) for path, content in contents.items()]
    with event_server(done(artifacts=listed), artifacts=contents) as server:
        ran = Pyexec(server.url, linked)("run", "-c", "1")
    assert ran.code == 125
    assert ran.err.splitlines() == [
        "pyexec: artifact link/x is not saved: 'link' is a link or a file, not a folder",
        "pyexec: artifact \\u202egnp.exe is not saved: its path has characters that no file name should have",
        "pyexec: saved in .: good",
    ]
    assert sorted(path.name for path in linked.parent.rglob("*")) == ["folder", "good", "link", "outside"]


@pytest.mark.parametrize("path", ["../x", "/x", "a\x1b[2J"])
def test_run_saves_nothing_of_a_job_with_a_path_that_no_service_sends(linked: Path, path: str) -> None:
    listed = [artifact("good", b"1"), artifact(path, b"1")]
    with event_server(done(artifacts=listed), artifacts={"good": b"1", path: b"1"}) as server:
        ran = Pyexec(server.url, linked)("run", "-c", "1")
    assert ran.code == 125
    assert "\x1b" not in ran.err
    assert sorted(found.name for found in linked.parent.rglob("*")) == ["folder", "link", "outside"]


def test_run_leaves_no_part_of_an_artifact_when_interrupted(tmp_path: Path) -> None:
    listed = [artifact("a", b"whole"), artifact("b", b"half of it")]
    with (
        event_server(done(artifacts=listed), artifacts={"a": b"whole"}) as server,
        Pyexec(server.url, tmp_path).start("run", "-c", "1") as process,
    ):
        eventually(lambda: len(server.requests) == 3, within=20, what="the second artifact is asked for")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        # The job has ended, so there is nothing to cancel.
        assert [request.split()[0] for request in server.requests] == ["POST", "GET", "GET"]
    assert (process.returncode, out) == (130, b"")
    assert err == b"pyexec: saved in .: a\npyexec: interrupted\n"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_second_signal_ends_the_command_at_once(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        with Pyexec(url, tmp_path).start("run", "-c", "1") as process, deaf.accept()[0]:
            process.send_signal(signal.SIGINT)
            # The cancellation connects again.
            with deaf.accept()[0]:
                process.send_signal(signal.SIGINT)
                assert process.wait(20) == 130


def test_run_says_that_the_job_may_go_on_when_it_cannot_be_cancelled(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        pyexec = Pyexec(f"http://127.0.0.1:{server.getsockname()[1]}", tmp_path)
        process = pyexec.start("run", "-c", "1", "--patience", "0.5")
        server.accept()[0].close()
    with process:
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert err.startswith(b"pyexec: interrupted; the job may run, if the service has got it: ")


def _talks(server: FaultyServer, connection: socket.socket) -> bool:
    """Answer with the output of a script that goes on."""
    connection.sendall(head(200, "Content-Type: text/event-stream"))
    events = [status("running"), *(output("stdout", "x\n", offset) for offset in range(0, 1_000_000, 2))]
    for name, data in events:
        connection.sendall(f"event: {name}\ndata: {json.dumps(data)}\n\n".encode())
        if server.stopped.wait(0.01):
            break
    return False


def test_run_cancels_again_when_a_signal_comes_while_it_cancels(tmp_path: Path) -> None:
    cancelled = says(200, done(status="cancelled", exit_code=None)[1])
    with faulty_server() as server:
        server.answer(_talks, is_silent, cancelled)
        with Pyexec(server.url, tmp_path).start("run", "-c", "1") as process:
            assert process.stdout
            assert process.stderr
            process.stdout.readline()
            process.stdout.close()
            eventually(lambda: len(server.received) == 2, within=20, what="the job is being cancelled")
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 130
            assert process.stderr.read().decode() == f"pyexec: interrupted; job {JOB} is cancelled\n"
        assert [request.line for request in server.received[1:]] == [f"DELETE /jobs/{JOB}"] * 2
