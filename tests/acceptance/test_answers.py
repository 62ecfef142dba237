"""The answers to scripts as people write them, in every sandbox: what plain Python gives is the yardstick."""

import functools
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest

from tests.support.answer_cases import CASES, Case
from tests.support.plain_python import PlainAnswer, run_plain_python, without_paths
from tests.support.service import Service, running_service

_plain_answer: Final = functools.cache(run_plain_python)


def _cases(sandbox: str) -> list[Any]:
    return [pytest.param(case, id=case.name) for case in CASES if sandbox in case.sandboxes]


@pytest.fixture(scope="module")
def slot(nsjail: None) -> Iterator[Service]:
    with running_service(SANDBOX="nsjail", ISOLATION="slot") as service:
        yield service


@pytest.fixture(scope="module")
def fresh(nsjail: None) -> Iterator[Service]:
    with running_service(SANDBOX="nsjail", ISOLATION="fresh") as service:
        yield service


@pytest.fixture(scope="module")
def restricted() -> Iterator[Service]:
    with running_service(SANDBOX="restricted") as service:
        yield service


@pytest.mark.parametrize("case", _cases("slot"))
def test_script_gets_its_answer_in_a_slot(slot: Service, case: Case) -> None:
    _check(slot, case)


@pytest.mark.parametrize("case", _cases("fresh"))
def test_script_gets_its_answer_in_a_fresh_jail(fresh: Service, case: Case) -> None:
    _check(fresh, case)


@pytest.mark.parametrize("case", _cases("restricted"))
def test_script_gets_its_answer_in_the_restricted_executor(restricted: Service, case: Case) -> None:
    _check(restricted, case)


def _check(service: Service, case: Case) -> None:
    """Post the script of a case and compare the answer with the expected one."""
    answer = service.execute(case.script, **case.request)
    job = {"status_code": answer.status_code, **answer.json()}
    _compare(job, case.expected or _fields(_plain_answer(case)))


def _fields(plain: PlainAnswer) -> dict[str, Any]:
    """Return the fields that the service must give if plain Python gives `plain`."""
    fields = {
        "status_code": 200 if plain.exit_code == 0 else 422,
        "result": plain.result,
        "stdout": plain.stdout,
        "stderr": plain.stderr,
        "exit_code": plain.exit_code,
    }
    if plain.traceback is not None:
        fields |= {"error.type": "exception", "error.traceback": plain.traceback}
    elif plain.exit_code > 1:
        fields["error.type"] = "exit"
    return fields


def _compare(job: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    shown = {key: job.get(key) for key in ("status_code", "result", "stdout", "stderr", "exit_code", "error")}
    for name, value in expected.items():
        path, _, relation = name.partition(" ")
        found: Any = job
        for key in path.split("."):
            found = found.get(key) if isinstance(found, dict) else None
        if isinstance(found, str):
            found = without_paths(found)
        if relation == "has":
            assert [part for part in value if part not in str(found)] == [], shown
        elif relation == "between":
            assert value[0] <= found <= value[1], shown
        else:
            assert (path, found) == (path, value), shown
