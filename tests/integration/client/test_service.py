"""Every call of both clients against the running service."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from python_executor import (
    BatchInterrupted,
    Client,
    Conflict,
    Done,
    Execution,
    ExecutionFailed,
    JobNotFinished,
    NotFound,
    Output,
    RequestRefused,
    Script,
    ScriptRefused,
    Status,
    StatusChanged,
)
from tests.support.client_kinds import open_client
from tests.support.service import Service
from tests.support.wait import eventually

SLEEP = "import time\ntime.sleep({seconds})"
SLOW = Script(source=SLEEP.format(seconds=20), timeout=25)

#: Leaves files with the names that a hostile script would choose.
HOSTILE = """
import os
for name in [".bashrc", "a/b/c.txt", "-rf", "\u202egnp.exe", "x;rm", "dir/link"]:
    os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
    open(name, "w").write(name)
os.symlink("/etc/passwd", "passwd")
"""


@pytest.fixture(params=["sync", "asyncio"])
def client(service: Service, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Open a client. Both event loops run the same code; the tests with faults use the other one too."""
    with open_client(request.param, str(service.client.base_url)) as client:
        yield client


def _ids(executions: Any) -> list[str]:
    return [execution.id for execution in executions]


def test_run_returns_what_a_program_printed(client: Any) -> None:
    execution = client.run("import sys; print(sys.argv[1:], sys.stdin.read())", argv=["a", "é"], stdin="in")
    assert (execution.status, execution.stdout, execution.exit_code) == (
        Status.SUCCEEDED,
        "['a', 'é'] in\n",
        0,
    )
    assert execution.raise_for_error() is execution
    assert execution.sandbox == "nsjail"
    assert execution.created_at is not None
    assert execution.finished_at is not None
    assert execution.created_at <= execution.finished_at


def test_run_returns_what_main_returned(client: Any) -> None:
    assert client.run("def main(n): return {'n': n + 1}", inputs={"n": 1}).result == {"n": 2}
    assert client.run("def main(): return {'ok': True}", inputs={}).result == {"ok": True}


@pytest.mark.parametrize(
    ("script", "status", "kind"),
    [
        ("raise ValueError('x')", Status.FAILED, "exception"),
        ("raise SystemExit(3)", Status.FAILED, "exit"),
        ("print(", Status.REFUSED, "syntax_error"),
        ("import numpy", Status.REFUSED, "forbidden_import"),
    ],
)
def test_run_returns_a_script_that_fails(client: Any, script: str, status: Status, kind: str) -> None:
    execution = client.run(script)
    assert (execution.status, execution.error.type, execution.succeeded) == (status, kind, False)
    with pytest.raises(ExecutionFailed, match=kind):
        execution.raise_for_error()


def test_calls_raise_the_error_of_a_refused_request(client: Any) -> None:
    with pytest.raises(ScriptRefused) as refused:
        client.submit("print(")
    assert refused.value.error.line == 1
    with pytest.raises(ScriptRefused):
        next(client.stream("print("))
    with pytest.raises(RequestRefused) as wrong:
        client.run("", timeout=10**9)
    assert (wrong.value.type, wrong.value.field) == ("invalid_request", "limits.timeout")
    for call in (client.get, client.wait, client.cancel, client.delete_artifacts):
        with pytest.raises(NotFound):
            call("unknown")


def test_job_goes_on_when_the_wait_ends_before_it(client: Any) -> None:
    with pytest.raises(JobNotFinished) as raised:
        client.run(SLEEP.format(seconds=2), wait=0.2)
    job_id = raised.value.job_id
    with pytest.raises(JobNotFinished):
        client.wait(job_id, wait=0)
    assert not client.get(job_id).status.final
    assert client.wait(job_id).succeeded
    with pytest.raises(Conflict):
        client.cancel(job_id)


def test_cancel_ends_a_job_and_can_be_repeated(client: Any) -> None:
    job_id = client.submit(SLOW).id
    assert client.cancel(job_id).status is Status.CANCELLED
    assert client.cancel(job_id).status is Status.CANCELLED
    assert client.wait(job_id).status is Status.CANCELLED


@pytest.mark.parametrize("wait", [50, 300])
def test_script_runs_once_when_its_key_is_used_twice(client: Any, wait: int) -> None:
    key = f"once-{id(client)}-{wait}"
    first, second = (
        client.run("import os; print(os.urandom(8))", wait=wait, idempotency_key=key) for _ in "ab"
    )
    assert first == second
    with pytest.raises(Conflict):
        client.run("print(2)", wait=wait, idempotency_key=key)


def test_list_yields_jobs_of_every_page(client: Any, service: Service) -> None:
    script = {"script": "pass", "mode": "program"}
    submitted = [job["id"] for _ in "ab" for job in service.client.post("/jobs", json=[script] * 60).json()]
    for job_id in submitted:
        client.wait(job_id)
    assert set(submitted) <= set(_ids(client.list(Status.SUCCEEDED)))
    assert next(client.list()).id in submitted
    with pytest.raises(ValueError, match="finished"):
        client.list("finished")


def test_batch_returns_executions_in_the_order_of_the_scripts(client: Any) -> None:
    seen: list[tuple[int, int]] = []
    scripts = [f"import time; time.sleep({0.2 if n == 0 else 0}); print({n})" for n in range(20)] + ["print("]
    executions = client.batch(
        scripts, in_flight=5, progress=lambda done, total, _: seen.append((done, total)), timeout=20
    )
    assert [execution.stdout for execution in executions] == [f"{n}\n" for n in range(20)] + [""]
    assert executions[-1].status is Status.REFUSED
    assert seen == [(n, 21) for n in range(1, 22)]
    assert client.batch([]) == []


def test_batch_has_at_most_so_many_scripts_in_flight(client: Any) -> None:
    def spans(executions: list[Execution]) -> list[tuple[Any, int]]:
        return sorted(
            [(e.created_at, 1) for e in executions] + [(e.finished_at, -1) for e in executions],
            key=lambda event: event,
        )

    most = now = 0
    for _, change in spans(client.batch([SLEEP.format(seconds=0.1)] * 6, in_flight=2)):
        now += change
        most = max(most, now)
    assert most == 2


def test_batch_keeps_the_executions_when_a_call_fails(client: Any) -> None:
    scripts = [
        Script(source="print(1)"),
        Script(source=SLEEP.format(seconds=0.5)),
        Script(source="", memory_mb=-1),
        *[Script(source="print(2)")] * 3,
    ]
    with pytest.raises(BatchInterrupted) as raised:
        client.batch(scripts, in_flight=2)
    assert isinstance(raised.value.__cause__, RequestRefused)
    ended = [execution is not None for execution in raised.value.executions]
    assert len(ended) == 6
    assert ended[:3] == [True, True, False]
    assert not all(ended[3:])


def test_batch_raises_the_exception_of_its_progress_function(client: Any) -> None:
    def fail(*_: object) -> None:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        client.batch(["print(1)"] * 5, progress=fail)
    with pytest.raises(ValueError, match="in_flight"):
        client.batch(["print(1)"], in_flight=0)


def test_stream_yields_output_while_the_script_runs(client: Any) -> None:
    source = (
        "import sys\nprint('ready', flush=True)\nsys.stdin.read()\nimport time; time.sleep(0.7)\nprint('é')"
    )
    statuses = []
    texts = {"stdout": "", "stderr": ""}
    for event in client.stream(source):
        match event:
            case StatusChanged():
                job_id = event.job_id
            case Output():
                texts[event.stream] += event.text
                statuses.append(client.get(job_id).status)
            case Done():
                execution = event.execution
    assert (
        texts
        == {"stdout": execution.stdout, "stderr": execution.stderr}
        == {"stdout": "ready\né\n", "stderr": ""}
    )
    assert statuses[0] is Status.RUNNING


def test_follow_yields_the_output_of_a_job_from_its_beginning(client: Any) -> None:
    execution = client.submit("print(1)", stream=True)
    client.wait(execution.id)
    for _ in range(2):
        *_, output, done = client.follow(execution.id)
        assert output == Output("stdout", "1\n", 0)
        assert done.execution.id == execution.id


def test_stream_ends_when_the_wait_does(client: Any) -> None:
    with pytest.raises(JobNotFinished) as raised:
        list(client.stream(SLOW, wait=0.5))
    client.cancel(raised.value.job_id)


def test_artifacts_are_downloaded_and_saved(client: Any, tmp_path: Path) -> None:
    execution = client.run(HOSTILE, artifacts=["**", ".*"], files={"in/data": b"\x00\xff"})
    names = [".bashrc", "a/b/c.txt", "-rf", "\u202egnp.exe", "x;rm", "dir/link"]
    assert client.resolve(execution.artifact("a/b/c.txt").bytes()) == b"a/b/c.txt"
    assert client.resolve(execution.artifact("-rf").save(tmp_path / "one")).read_text() == "-rf"
    with pytest.raises(KeyError):
        execution.artifact("passwd")
    folder = tmp_path / "all"
    paths = client.save_artifacts(execution, folder)
    assert {str(path.relative_to(folder)) for path in paths} == {*names, "in/data"}
    assert {(folder / name).read_text() for name in names} == set(names)
    with pytest.raises(FileExistsError):
        client.save_artifacts(execution, folder)
    assert client.save_artifacts(execution, folder, overwrite=True) == paths
    client.delete_artifacts(execution.id)
    with pytest.raises(NotFound):
        client.resolve(execution.artifacts[0].bytes())


def test_artifacts_are_saved_through_no_link(client: Any, tmp_path: Path) -> None:
    execution = client.run(HOSTILE, artifacts=["dir/*"])
    (tmp_path / "outside").mkdir()
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "dir").symlink_to(tmp_path / "outside")
    with pytest.raises(NotADirectoryError):
        client.save_artifacts(execution, tmp_path / "folder", overwrite=True)
    assert not list((tmp_path / "outside").iterdir())


def test_service_describes_itself(client: Any) -> None:
    health = client.health()
    assert (health.ready, health.reason) == (True, "")
    assert health.workers[0].sandbox == "nsjail"
    assert [environment.name for environment in client.environments()] == ["stdlib"]


def test_threads_run_scripts_with_one_client(service: Service) -> None:
    printed: list[str] = []
    with Client(str(service.client.base_url)) as client:

        def run(n: int) -> None:
            printed.append(client.run(f"print({n})").stdout)

        threads = [threading.Thread(target=run, args=(n,)) for n in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(printed, key=int) == [f"{n}\n" for n in range(16)]


def test_program_ends_at_once_when_ctrl_c_interrupts_its_batch(service: Service) -> None:
    url = str(service.client.base_url)
    program = f"""
from python_executor import Client
with Client({url!r}) as client:
    client.batch(["import time; time.sleep(25)"] * 4, timeout=30)
"""
    with (
        Client(url) as client,
        subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True) as process,
    ):
        eventually(lambda: next(client.list(Status.RUNNING), None), within=20, what="the batch runs")
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=15)
        for execution in client.list(Status.QUEUED, Status.RUNNING):
            client.cancel(execution.id)
    assert "KeyboardInterrupt" in errors
    assert process.returncode == -signal.SIGINT
