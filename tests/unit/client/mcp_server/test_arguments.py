"""What a model may say of a script."""

import math
from base64 import b64encode
from typing import Any

import pytest

from python_executor.mcp_server.arguments import Arguments
from python_executor.mcp_server.failure import CallFailed


def test_arguments_become_a_program() -> None:
    script = Arguments.parse(
        {
            "code": "print(1)",
            "stdin": "in",
            "files": [
                {"path": "a.txt", "content": "text"},
                {"path": "b.bin", "content": b64encode(b"\x00\xff").decode(), "encoding": "base64"},
            ],
            "environment": "data",
            "timeout": 3,
        }
    ).to_script()
    assert (script.source, script.mode, script.stdin, script.environment) == (
        "print(1)",
        "program",
        "in",
        "data",
    )
    assert script.files == {"a.txt": "text", "b.bin": b"\x00\xff"}
    assert (script.timeout, list(script.artifacts)) == (3, ["**"])


def test_arguments_that_are_null_are_left_out() -> None:
    arguments = Arguments.parse({"code": "", "stdin": None, "timeout": None, "artifacts": None})
    assert arguments.to_script().timeout is None
    assert not arguments.names_artifacts


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "code: Field required"),
        ({"code": 1}, "code: Input should be a valid string"),
        ({"code": "", "script": ""}, "script: Extra inputs are not permitted"),
        ({"code": "", "timeout": 0}, "timeout: Input should be greater than 0"),
        ({"code": "", "timeout": math.inf}, "timeout: Input should be a finite number"),
        ({"code": "", "files": [{"path": "a"}]}, "files.0.content: Field required"),
        ({"code": "", "files": {"a": "b"}}, "files: Input should be a valid list"),
    ],
)
def test_arguments_name_the_fault(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(CallFailed) as caught:
        Arguments.parse(arguments)
    assert str(caught.value) == message


def test_faults_do_not_repeat_what_was_sent() -> None:
    with pytest.raises(CallFailed) as caught:
        Arguments.parse({"code": ["secret"], "stdin": {"secret": 1}})
    assert "secret" not in str(caught.value)


def test_files_that_are_not_base64_are_named() -> None:
    arguments = Arguments.parse({"code": "", "files": [{"path": "a", "content": "é", "encoding": "base64"}]})
    with pytest.raises(CallFailed, match="'a' is not base64"):
        arguments.to_script()


def test_files_with_one_path_are_refused() -> None:
    arguments = Arguments.parse({"code": "", "files": [{"path": "a", "content": "1"}] * 2})
    with pytest.raises(CallFailed, match="same path"):
        arguments.to_script()
