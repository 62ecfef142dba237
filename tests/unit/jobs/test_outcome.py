import pytest

from jobs.outcome import ErrorType, JobError, Outcome

_ERROR = JobError(ErrorType.EXIT, "the script exited with status 3")


@pytest.mark.parametrize(
    "fields", [{"result": {}}, {"result": {}, "exit_code": 0}, {"error": _ERROR}, {"exit_code": 0}]
)
def test_outcome_has_a_result_an_error_or_exit_code_0(fields: dict[str, object]) -> None:
    assert Outcome(**fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("fields", [{}, {"exit_code": 3}, {"result": {}, "error": _ERROR}])
def test_outcome_raises_when_it_neither_succeeds_nor_fails(fields: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="an outcome"):
        Outcome(**fields)  # type: ignore[arg-type]
