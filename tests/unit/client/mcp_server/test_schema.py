"""The schemas that clients get."""

import json

import pytest

from python_executor.mcp_server.arguments import Arguments
from python_executor.mcp_server.result import Result
from python_executor.mcp_server.schema import schema_of


@pytest.mark.parametrize("model", [Arguments, Result])
def test_schemas_have_no_references_and_no_titles(model: type[Arguments] | type[Result]) -> None:
    schema = schema_of(model)
    assert schema["type"] == "object"
    assert "$ref" not in json.dumps(schema)
    assert "$defs" not in schema
    assert '"title"' not in json.dumps(schema)


def test_schema_of_the_arguments_has_a_description_of_each() -> None:
    properties = schema_of(Arguments)["properties"]
    assert properties.keys() == Arguments.model_fields.keys()
    assert all(one["description"] for one in properties.values())
    assert "default" not in properties["timeout"]
