"""JSON schemas of pydantic models, in the small part of the language that every client understands."""

from typing import Any

from pydantic import BaseModel


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """Return the schema of a model, without references and titles."""
    schema = model.model_json_schema()
    simple = _simplify(schema, schema.get("$defs", {}))
    assert isinstance(simple, dict)
    return {name: value for name, value in simple.items() if name not in ("$defs", "description")}


def without_default(schema: dict[str, Any]) -> None:
    """Remove a default that stands for a missing value."""
    schema.pop("default")


def _simplify(part: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(part, list):
        return [_simplify(one, definitions) for one in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        found = definitions[part["$ref"].rpartition("/")[2]]
        own = {name: value for name, value in part.items() if name != "$ref"}
        return _simplify(found | own, definitions)
    return {
        name: _simplify(value, definitions)
        for name, value in part.items()
        # A title repeats the name of its field. A property may be called `title` too, and is then an object.
        if not (name == "title" and isinstance(value, str))
    }
