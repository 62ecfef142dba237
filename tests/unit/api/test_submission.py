"""The fields of a submission: defaults, limits and error messages."""

from typing import Any

import pytest

from api.errors import InvalidRequest, UnknownEnvironment
from api.submission import Submission, Submissions
from config.settings import Settings
from jobs.job import Job
from jobs.limits import ARGV_BYTES, ARGV_STRINGS, Limits
from jobs.mode import Mode
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
    assert (job.mode, job.argv, job.environment) == (Mode.MAIN, (), "stdlib")


def test_submission_gives_mode_and_arguments_to_the_job() -> None:
    argv = ["-n", "", "é\n"]
    job = Submission.model_validate({"script": "", "mode": "program", "argv": argv}).to_job(Settings())
    assert (job.mode, job.argv) == (Mode.PROGRAM, ("-n", "", "é\n"))


def test_submission_takes_as_many_and_as_long_arguments_as_the_limits_allow() -> None:
    for argv in (["x"] * ARGV_STRINGS, ["é" * (ARGV_BYTES // 2)], ["x" * (ARGV_BYTES - 1), "", "x"]):
        body = {"script": "", "mode": "program", "argv": argv}
        assert Submission.model_validate(body).to_job(Settings()).argv == tuple(argv)


@pytest.mark.parametrize(
    ("argv", "field", "reason"),
    [
        ("-n", "argv", ""),
        (None, "argv", ""),
        (["a", 1], "argv[1]", ""),
        (["a", None], "argv[1]", ""),
        (["a", "b\0c"], "argv[1]", "must not contain a null character"),
        (["\ud800"], "argv[0]", "half of a surrogate pair"),
        (["x"] * (ARGV_STRINGS + 1), "argv", str(ARGV_STRINGS)),
        ([1] * 1_000_000, "argv[0]", ""),
        (
            ["é" * (ARGV_BYTES // 2), "x"],
            "argv",
            f"at most {ARGV_BYTES} bytes in UTF-8, not {ARGV_BYTES + 1}",
        ),
    ],
)
def test_submission_is_refused_with_the_place_when_its_arguments_are_invalid(
    argv: object, field: str, reason: str
) -> None:
    error = refused({"script": "", "mode": "program", "argv": argv})
    assert error.field == field
    assert reason in str(error)


@pytest.mark.parametrize("value", [None, 1, True, ["data"], {"name": "data"}])
def test_submission_is_refused_when_its_environment_is_not_a_string(value: object) -> None:
    error = refused({"script": SCRIPT, "environment": value})
    assert (str(error), error.field) == ("environment: must be a string", "environment")


@pytest.mark.parametrize("mode", ["Program", "", None, 1])
def test_submission_is_refused_with_the_known_modes_when_its_mode_is_unknown(mode: object) -> None:
    error = refused({"script": SCRIPT, "mode": mode})
    assert error.field == "mode"
    assert "'main' or 'program'" in str(error)


@pytest.mark.parametrize(
    ("body", "field", "other"),
    [
        ({"mode": "program", "inputs": {"n": 1}}, "inputs", "argv"),
        ({"mode": "main", "argv": ["-n"]}, "argv", "program"),
        ({"argv": ["-n"]}, "argv", "program"),
    ],
)
def test_submission_is_refused_when_its_mode_does_not_have_the_field(
    body: dict[str, Any], field: str, other: str
) -> None:
    submission = Submission.model_validate({"script": SCRIPT, **body})
    with pytest.raises(InvalidRequest, match=f"^{field}: .*{other}") as caught:
        submission.to_job(Settings())
    assert caught.value.field == field


def test_submission_accepts_the_empty_input_of_the_other_mode() -> None:
    for mode in Mode:
        submission = Submission.model_validate(
            {"script": SCRIPT, "mode": mode.value, "inputs": {}, "argv": []}
        )
        assert submission.to_job(Settings()).mode is mode


def test_submissions_name_the_index_when_the_mode_does_not_have_a_field() -> None:
    body = [{"script": SCRIPT}, {"script": "", "mode": "program", "inputs": {"n": 1}}]
    with pytest.raises(InvalidRequest, match=r"^\[1\]\.inputs: ") as caught:
        Submissions.model_validate(body).to_jobs(Settings(), lambda *_: None)
    assert caught.value.field == "[1].inputs"


def test_submissions_are_checked_as_the_jobs_that_they_become() -> None:
    checked: list[Job] = []
    body = [{"script": "a = 1", "mode": "program", "environment": "data"}, {"script": SCRIPT}]
    jobs = Submissions.model_validate(body).to_jobs(Settings(), checked.append)
    assert checked == jobs == [Job("a = 1", mode=Mode.PROGRAM, environment="data"), Job(SCRIPT)]


def test_submissions_name_the_index_when_there_is_no_such_environment() -> None:
    def check(job: Job) -> None:
        if job.environment == "dta":
            raise UnknownEnvironment("environment: there is no such environment", field="environment")

    body = [{"script": SCRIPT}, {"script": SCRIPT, "environment": "dta"}]
    with pytest.raises(UnknownEnvironment, match=r"^\[1\]\.environment: there is no") as caught:
        Submissions.model_validate(body).to_jobs(Settings(), check)
    assert caught.value.field == "[1].environment"


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
    assert len(str(error)) < 300
