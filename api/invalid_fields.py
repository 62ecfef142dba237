"""What is wrong with a field of a request, in the service's own words."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NoReturn, get_args

from pydantic import ValidationError
from pydantic_core.core_schema import ErrorType

from api.errors import InvalidRequest
from api.field_names import UNKNOWN_FIELD

#: The longest path of a field in an error, in characters.
_PATH_MAX: Final = 100

#: The words for each type of Pydantic's errors; the names in braces are those of its context.
REASONS: Final = {
    UNKNOWN_FIELD: "{reason}",
    "missing": "this field is missing",
    "model_type": "must be a JSON object",
    "dict_type": "must be a JSON object",
    "list_type": "must be a list",
    "string_type": "must be a string",
    "string_unicode": "must be a string that UTF-8 can encode",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a whole number of fewer digits",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than": "must be less than {lt:g}",
    "less_than_equal": "must be at most {le:g}",
    "too_short": "must not be empty",
    "too_long": "must have at most {max_length} items",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "does not have the right form",
    "enum": "must be {expected}",
    "literal_error": "must be {expected}",
    "value_error": "{error}",
}

#: The types that are Pydantic's own. A message of any other type is ours.
_LIBRARY_TYPES: Final = frozenset(get_args(ErrorType))


def refuse(error: ValidationError) -> NoReturn:
    """Raise InvalidRequest naming the first field that is wrong, and why."""
    first = error.errors(include_url=False, include_input=False)[0]
    context = first.get("ctx", {})
    # Pydantic names the shape of the body too, where it may have several.
    parts = first["loc"][1:] if first["loc"][:1] in (("one",), ("many",)) else first["loc"]
    if first["type"] == UNKNOWN_FIELD:
        parts = (*parts, context["name"])
    field = field_path(parts)
    reason = _reason(first["type"], first["msg"], context)
    subject = f"{field or 'the body'}:" if parts else "the body"
    raise InvalidRequest(f"{subject} {reason}", field=field or None)


def field_path(parts: Sequence[int | str]) -> str:
    """Return the path of a field in one short line, such as `[3].limits.timeout`."""
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part[:_PATH_MAX]}" for part in parts)
    return " ".join(path.removeprefix(".")[:_PATH_MAX].split())


def _reason(type: str, message: str, context: Mapping[str, Any]) -> str:
    if type in REASONS:
        return REASONS[type].format(**context)
    return "is not valid" if type in _LIBRARY_TYPES else message
