from typing import Any

from python_executor import Execution, ScriptError, Status
from stress.client import TaskResult
from stress.faults import find_faults
from stress.final_state import FinalState
from stress.kills import Kill
from stress.tasks import Task

TASK = Task(7, "quick", "/jobs")
CORRECT = {"n": 7, "value": 50}


def _make_job(**fields: Any) -> Execution:
    return Execution(**{"id": "a", "status": Status.SUCCEEDED, "result": CORRECT, **fields})


def _find_faults(
    job: Execution | None,
    *ids: str,
    attempts: dict[str, int] | None = None,
    kills: int = 0,
    finished: int = 1,
    leftovers: list[str] | None = None,
) -> list[str]:
    result = TaskResult(TASK, set(ids), job)
    counters = {"submitted:main": 1, "finished:succeeded": finished}
    state = FinalState({"a": 1} if attempts is None else attempts, counters, leftovers or [])
    return list(find_faults([result], state, [Kill("worker 1", 0.0, 0.0, frozenset({"a"}))] * kills))


def test_find_faults_finds_none_when_a_job_ended_once_and_correctly() -> None:
    assert _find_faults(_make_job(), "a") == []


def test_find_faults_finds_a_wrong_result() -> None:
    assert "ended wrong" in _find_faults(_make_job(result={"n": 8, "value": 50}), "a")[0]


def test_find_faults_finds_a_job_that_does_not_end() -> None:
    assert "is stuck" in _find_faults(_make_job(status=Status.RUNNING), "a")[0]


def test_find_faults_finds_two_jobs_with_one_key() -> None:
    assert "was doubled" in _find_faults(_make_job(), "a", "b")[0]


def test_find_faults_finds_a_job_that_no_client_knows() -> None:
    assert "belong to no client" in _find_faults(_make_job(), "a", attempts={"a": 1, "b": 1})[0]


def test_find_faults_finds_an_accepted_job_that_is_gone() -> None:
    assert "are gone" in _find_faults(_make_job(), "a", attempts={})[0]


def test_find_faults_finds_a_job_that_finished_twice() -> None:
    assert _find_faults(_make_job(), "a", finished=2) == ["1 jobs were accepted, 2 finished"]


def test_find_faults_finds_a_key_that_is_left() -> None:
    assert "are left" in _find_faults(_make_job(), "a", leftovers=["pyx:running"])[0]


def test_find_faults_accepts_a_lost_job_only_when_kills_interrupted_every_attempt() -> None:
    lost = _make_job(status=Status.FAILED, result=None, error=ScriptError("sandbox_failure", "lost"))
    assert _find_faults(lost, "a", attempts={"a": 3}, kills=3) == []
    assert "ended wrong" in _find_faults(lost, "a", attempts={"a": 3}, kills=2)[0]
