"""Validation for the restricted executor."""

import pytest

from validation.errors import Rejection
from validation.restricted.script import validate
from validation.script import validate as validate_for_any_sandbox

_MAIN = "def main():\n    return {}\n"

#: Makes a script large enough that a child process checks it.
_PADDING = "#" * 10_000


@pytest.mark.parametrize("padding", ["", _PADDING], ids=["in_process", "in_subprocess"])
@pytest.mark.parametrize(
    ("statement", "type", "name"),
    [
        ("import os", "forbidden_import", "os"),
        ("from urllib import request", "forbidden_import", "urllib.request"),
        ("x = ().__class__.__bases__", "forbidden_syntax", "__bases__"),
    ],
)
def test_validate_rejects_statements_that_only_the_restricted_executor_forbids(
    statement: str, type: str, name: str, padding: str
) -> None:
    script = f"{statement}\n{_MAIN}{padding}"
    validate_for_any_sandbox(script)
    with pytest.raises(Rejection) as caught:
        validate(script)
    assert (caught.value.type, caught.value.name, caught.value.line) == (type, name, 1)


@pytest.mark.parametrize("padding", ["", _PADDING], ids=["in_process", "in_subprocess"])
def test_validate_accepts_a_script_when_it_uses_only_the_restricted_language(padding: str) -> None:
    validate(f"import json\nfrom urllib import parse\n{_MAIN}{padding}")


@pytest.mark.parametrize(
    ("script", "type"), [("x = 1", "missing_main"), ("import numpy", "forbidden_import")]
)
def test_validate_applies_the_rules_for_every_script(script: str, type: str) -> None:
    with pytest.raises(Rejection) as caught:
        validate(script)
    assert caught.value.type == type
