"""Compare the service's answer to a script with the expected one."""

from collections.abc import Mapping
from typing import Any

from tests.support.answer_cases import Case
from tests.support.plain_python import PlainAnswer, without_paths
from tests.support.service import Service


def check_answer(service: Service, case: Case, plain: PlainAnswer | None) -> None:
    """Post the script of a case and compare the answer.

    Args:
        service: The service.
        case: The case.
        plain: What plain Python gave; None if the head of the script states the answer.
    """
    answer = service.execute(case.script, **case.request)
    job = {"status_code": answer.status_code, **answer.json()}
    _compare(job, _fields(plain) if plain else case.expected)


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
