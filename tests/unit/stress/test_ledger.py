from typing import Any

from stress.client import Report
from stress.kills import Kill
from stress.ledger import Ledger, faults
from stress.tasks import Task

TASK = Task(7, "quick", "/jobs")
RIGHT = {"n": 7, "value": 50}


def _job(**fields: Any) -> dict[str, Any]:
    return {"id": "a", "status": "succeeded", "result": RIGHT, "stdout": "", "error": None, **fields}


def _faults(
    job: dict[str, Any] | None, *ids: str, attempts: int = 1, kills: int = 0, **left: Any
) -> list[str]:
    report = Report(TASK, set(ids), job)
    ledger = Ledger(
        left.get("attempts_of", {"a": attempts}),
        {"submitted": 1, "finished:succeeded": left.get("finished", 1)},
        left.get("left", []),
    )
    return list(faults([report], ledger, [Kill("worker 1", 0.0, 0.0, frozenset({"a"}))] * kills))


def test_a_job_that_ended_once_and_right_is_no_fault() -> None:
    assert _faults(_job(), "a") == []


def test_a_wrong_answer_is_a_fault() -> None:
    assert "ended wrong" in _faults(_job(result={"n": 8, "value": 50}), "a")[0]


def test_a_job_that_does_not_end_is_stuck() -> None:
    assert "is stuck" in _faults(_job(status="running"), "a")[0]


def test_two_jobs_of_one_key_are_a_fault() -> None:
    assert "was doubled" in _faults(_job(), "a", "b")[0]


def test_a_job_nobody_knows_of_is_a_fault() -> None:
    assert "no client knows" in _faults(_job(), "a", attempts_of={"a": 1, "b": 1})[0]


def test_a_job_that_is_gone_is_a_fault() -> None:
    assert "are gone" in _faults(_job(), "a", attempts_of={})[0]


def test_a_job_that_finished_twice_is_a_fault() -> None:
    assert _faults(_job(), "a", finished=2) == ["1 jobs were accepted, 2 finished"]


def test_what_still_waits_is_a_fault() -> None:
    assert "are left" in _faults(_job(), "a", left=["pyx:running"])[0]


def test_a_job_may_be_given_up_after_as_many_kills_as_attempts() -> None:
    lost = _job(status="failed", result=None, error={"type": "sandbox_failure", "message": "lost"})
    assert _faults(lost, "a", attempts=3, kills=3) == []
    assert "ended wrong" in _faults(lost, "a", attempts=3, kills=2)[0]
