"""The words for wrong fields: the service's own, for every error that its models can cause."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from pydantic import BaseModel

from api.invalid_fields import REASONS, field_path
from api.lookup import JobPath, ListQuery, LookUpQuery
from api.submission import Submissions
from api.submit import SubmitHeaders
from tests.support.rejected_fields import rejected_field

SCRIPT = "def main(): ..."

#: The errors that each kind of Pydantic's schemas can cause.
ERRORS: Final[dict[str, set[str]]] = {
    "model": {"model_type"},
    "model-fields": {"missing"},
    "str": {"string_type", "string_unicode"},
    "int": {"int_type", "int_parsing", "int_parsing_size", "int_from_float"},
    "float": {"float_type", "float_parsing", "finite_number"},
    "bool": {"bool_type", "bool_parsing"},
    "dict": {"dict_type"},
    "list": {"list_type"},
    "enum": {"enum"},
    "literal": {"literal_error"},
}

#: The schemas that cause no error of their own. api.submission always names a member of the union.
SILENT: Final = "any default definition-ref definitions function-after function-before model-field nullable tagged-union".split()

#: The errors of constraints, by schema and constraint.
CONSTRAINTS: Final[dict[str, str | dict[str, str]]] = {
    "gt": "greater_than",
    "ge": "greater_than_equal",
    "lt": "less_than",
    "le": "less_than_equal",
    "pattern": "string_pattern_mismatch",
    "min_length": {"str": "string_too_short", "list": "too_short"},
    "max_length": {"str": "string_too_long", "list": "too_long"},
}


def schemas_in(value: Any) -> Iterator[dict[str, Any]]:
    """Yield each schema that a schema contains, itself included."""
    if isinstance(value, dict):
        if isinstance(value.get("type"), str) and value["type"] != "definition":
            yield value
        for name, part in value.items():
            if name not in ("config", "default", "function", "metadata", "serialization"):
                yield from schemas_in(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from schemas_in(part)


@pytest.mark.parametrize("model", [Submissions, SubmitHeaders, JobPath, ListQuery, LookUpQuery])
def test_table_has_words_for_every_error_of_a_model(model: type[BaseModel]) -> None:
    for schema in schemas_in(model.__pydantic_core_schema__):
        missing = set() if schema["type"] in SILENT else ERRORS[schema["type"]] - set(REASONS)
        for constraint, error in CONSTRAINTS.items():
            if constraint in schema:
                named = error if isinstance(error, str) else error[schema["type"]]
                missing |= {named} - set(REASONS)
        assert not missing
        # The words are "must not be empty".
        assert schema.get("min_length", 1) == 1


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "script: this field is missing"),
        ({"script": 1}, "script: must be a string"),
        ({"script": SCRIPT, "inputs": []}, "inputs: must be a JSON object"),
        ({"script": SCRIPT, "limits": None}, "limits: must be a JSON object"),
        ({"script": SCRIPT, "limits": {"timeout": "5"}}, "limits.timeout: must be a number"),
        ({"script": SCRIPT, "limits": {"timeout": 0}}, "limits.timeout: must be more than 0"),
        ({"script": SCRIPT, "limits": {"timeout": float("inf")}}, "limits.timeout: must be a finite number"),
        ({"script": SCRIPT, "limits": {"memory_mb": 1.5}}, "limits.memory_mb: must be a whole number"),
        ({"script": SCRIPT, "limits": {"memory_mb": 1}}, "limits.memory_mb: must be at least 16"),
        ({"script": SCRIPT, "priority": "now"}, "priority: must be 'high', 'normal' or 'low'"),
        ([{"script": SCRIPT}, 5], "[1]: must be a JSON object"),
        ([{"script": SCRIPT}, {"script": SCRIPT, "inputs": 5}], "[1].inputs: must be a JSON object"),
        ([], "the body must not be empty"),
        ([{"script": SCRIPT}] * 101, "the body must have at most 100 items"),
    ],
)
def test_error_says_what_a_field_must_be(body: Any, message: str) -> None:
    assert str(rejected_field(Submissions, body)) == message


def test_path_is_one_short_line_when_names_are_long() -> None:
    path = field_path(["a\nb", 3, "c" * 1000])
    assert path.startswith("a b[3].ccc")
    assert len(path) <= 100
