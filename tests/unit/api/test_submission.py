"""The fields of a submission: defaults, limits and error messages."""

from typing import Any

import pytest

from api.errors import InvalidRequest
from api.submission import Submission
from config.settings import Settings
from jobs.limits import Limits
from tests.support.rejected_fields import rejected_field

SCRIPT = "def main(): ..."


def limits(asked: dict[str, Any] | None = None, **settings: Any) -> Limits:
    body = {"script": SCRIPT} | ({} if asked is None else {"limits": asked})
    return Submission.model_validate(body).to_job(Settings(**settings)).limits


def refused(body: dict[str, Any]) -> InvalidRequest:
    return rejected_field(Submission, body)


def test_submission_takes_the_defaults_when_it_has_only_a_script() -> None:
    job = Submission.model_validate({"script": SCRIPT}).to_job(Settings())
    assert (job.script, job.inputs, job.stdin, job.limits) == (SCRIPT, {}, "", Limits())


def test_submission_has_its_own_inputs_when_it_takes_the_default() -> None:
    one, other = (Submission.model_validate({"script": SCRIPT}) for _ in range(2))
    assert one.inputs is not other.inputs


def test_cpu_limit_is_the_timeout_when_it_is_missing() -> None:
    assert limits({"timeout": 2.5}).cpu == 2.5


def test_cpu_limit_is_its_ceiling_when_the_timeout_is_longer() -> None:
    assert limits({"timeout": 20}, cpu_max=3).cpu == 3


def test_limit_is_the_default_when_it_is_null() -> None:
    assert limits({"memory_mb": None}) == limits()


def test_integer_limit_accepts_a_float_when_it_is_whole() -> None:
    asked = limits({"memory_mb": 64.0}).memory_mb
    assert asked == 64
    assert isinstance(asked, int)


@pytest.mark.parametrize(
    ("name", "ceiling"), [("timeout", 30.0), ("cpu", 30.0), ("memory_mb", 1024), ("processes", 64)]
)
def test_submission_is_refused_with_limit_and_ceiling_when_it_exceeds_the_ceiling(
    name: str, ceiling: float
) -> None:
    assert getattr(limits({name: ceiling}), name) == ceiling
    with pytest.raises(InvalidRequest, match=rf"limits\.{name}: must be at most {ceiling:g}") as caught:
        limits({name: ceiling + 1})
    assert caught.value.field == f"limits.{name}"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "script"),
        ({"script": None}, "script"),
        ({"script": 1}, "script"),
        ({"script": SCRIPT, "stdin": 5}, "stdin"),
        ({"script": SCRIPT, "inputs": []}, "inputs"),
        ({"script": SCRIPT, "inputs": None}, "inputs"),
        ({"script": SCRIPT, "limits": 5}, "limits"),
        ({"script": SCRIPT, "limits": {"disk": 5}}, "limits.disk"),
        ({"script": SCRIPT, "limits": {"timeout": "5"}}, "limits.timeout"),
        ({"script": SCRIPT, "limits": {"timeout": True}}, "limits.timeout"),
        ({"script": SCRIPT, "limits": {"timeout": 0}}, "limits.timeout"),
        ({"script": SCRIPT, "limits": {"timeout": -1}}, "limits.timeout"),
        ({"script": SCRIPT, "limits": {"timeout": float("nan")}}, "limits.timeout"),
        ({"script": SCRIPT, "limits": {"timeout": 10**400}}, "limits.timeout"),
        ({"script": SCRIPT, "limits": {"memory_mb": 1.5}}, "limits.memory_mb"),
        ({"script": SCRIPT, "limits": {"processes": False}}, "limits.processes"),
        ({"script": SCRIPT, "language": "python"}, "language"),
    ],
)
def test_submission_names_the_field_when_it_is_invalid(body: dict[str, Any], field: str) -> None:
    error = refused(body)
    assert error.field == field
    assert str(error).startswith(f"{field}: ")


def test_error_message_is_one_short_line_when_the_field_name_is_long() -> None:
    error = refused({"script": SCRIPT, "a\nb" * 10_000: 1})
    assert "\n" not in str(error)
    assert len(str(error)) < 200
