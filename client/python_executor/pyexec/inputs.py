"""The arguments NAME=VALUE of a script's `main`."""

import json
from collections.abc import Iterable
from typing import Any, NoReturn

from python_executor.pyexec.problem import Problem


def parse_inputs(given: Iterable[str]) -> dict[str, Any] | None:
    """Return the inputs, None if there are none.

    Args:
        given: Each is NAME=VALUE. The value is JSON if it parses, and otherwise a text.

    Raises:
        Problem: One has no name, or a name comes twice.
    """
    inputs: dict[str, Any] = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not name or not equals:
            raise Problem(f"--input {each}: must be NAME=VALUE")
        if name in inputs:
            raise Problem(f"--input {name}: is given twice")
        inputs[name] = parse_value(value)
    return inputs or None


def parse_value(value: str) -> Any:
    """Return the value of a JSON text, and any other text as it is."""
    try:
        return json.loads(value, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
