"""Unknown fields: the error names the field and the nearest right one."""

import sys

import pytest

from api.field_names import _OTHER_NAMES, meant_field
from api.lookup import ListQuery
from api.submission import AskedLimits, Submission
from tests.support.rejected_fields import rejected_field

SCRIPT = "def main(): ..."


@pytest.mark.parametrize(
    ("name", "right"),
    [
        *((name, "script") for name in ("code", "source", "program", "source_code", "content", "src")),
        *(
            (name, "limits.timeout")
            for name in ("timeout", "time_limit", "run_timeout", "timout", "timeoutSeconds")
        ),
        *((name, "limits.memory_mb") for name in ("memory", "memory_mb", "memory_limit", "memoryMb")),
        ("cpu", "limits.cpu"),
        ("processes", "limits.processes"),
        *((name, "inputs") for name in ("args", "input", "params", "inptus", "Inputs")),
        *((name, "stdin") for name in ("stdin_data", "std-in")),
        *((name, "script") for name in ("scrpt", "Script", "scripts")),
        ("limit", "limits"),
        ("priorty", "priority"),
    ],
)
def test_error_proposes_the_right_field_when_a_field_is_unknown(name: str, right: str) -> None:
    error = rejected_field(Submission, {name: "x"})
    assert str(error) == f"{name}: this field is not known; did you mean {right}?"
    assert error.field == name


@pytest.mark.parametrize(
    ("name", "right"), [("memory", "limits.memory_mb"), ("timout", "limits.timeout"), ("stdin", "stdin")]
)
def test_error_proposes_the_right_field_when_a_limit_is_unknown(name: str, right: str) -> None:
    error = rejected_field(Submission, {"script": SCRIPT, "limits": {name: 1}})
    assert str(error) == f"limits.{name}: this field is not known; did you mean {right}?"


@pytest.mark.parametrize("name", ["language", "version", "languageId", "runtime"])
def test_error_names_the_version_of_python_when_a_field_chooses_a_language(name: str) -> None:
    python = f"Python {sys.version_info.major}.{sys.version_info.minor}"
    error = rejected_field(Submission, {"script": SCRIPT, name: "python"})
    assert str(error) == f"{name}: this field is not known; every script runs in {python}"


@pytest.mark.parametrize("name", ["colour", "", "é", "0"])
def test_error_lists_the_fields_when_none_is_similar(name: str) -> None:
    listed = ", ".join(Submission.model_fields)
    error = rejected_field(Submission, {"script": SCRIPT, name: 1})
    assert str(error).endswith(f": this field is not known; the fields are {listed}")


@pytest.mark.parametrize(("name", "right"), [("curser", "cursor"), ("state", "status"), ("job_ids", "ids")])
def test_error_proposes_the_right_parameter_when_a_query_is_wrong(name: str, right: str) -> None:
    error = rejected_field(ListQuery, {name: ""})
    assert str(error) == f"{name}: this parameter is not known; did you mean {right}?"


def test_unknown_field_is_found_when_it_is_one_of_thousands() -> None:
    body = {f"field{number}": 1 for number in range(10_000)}
    assert rejected_field(Submission, body).field == "field0"


def test_every_other_name_means_a_field_that_exists() -> None:
    paths = [*Submission.model_fields, *(f"limits.{name}" for name in AskedLimits.model_fields)]
    assert set(_OTHER_NAMES) <= set(paths)
    for path, names in _OTHER_NAMES.items():
        assert {meant_field(name, {}, paths) for name in names.split()} == {path}
        assert not set(names.split()) & set(Submission.model_fields)


@pytest.mark.parametrize(("value", "right"), [(["-n"], "argv"), ({"n": 1}, "inputs")])
def test_args_mean_argv_when_they_are_a_list(value: object, right: str) -> None:
    assert meant_field("args", value, ["inputs", "argv"]) == right
    assert meant_field("args", value, ["inputs"]) == "inputs"
