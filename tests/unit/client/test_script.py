import base64
from pathlib import Path
from typing import Any

import pytest

from python_executor.script import Script, make_key, make_script


def test_script_is_a_program_unless_it_has_inputs() -> None:
    assert Script(source="x").to_json()["mode"] == "program"
    assert Script(source="x", inputs={}).to_json()["mode"] == "main"
    assert Script(source="x", inputs={"n": 1}).to_json()["inputs"] == {"n": 1}
    assert Script(source="x", inputs={}, mode="program").to_json()["mode"] == "program"


def test_script_sends_only_what_was_said() -> None:
    expected = {"script": "x", "mode": "program", "environment": "stdlib", "priority": "normal"}
    assert Script(source="x").to_json() == expected


def test_script_sends_every_option() -> None:
    script = Script(
        source="x",
        argv=("a",),
        stdin="in",
        environment="data",
        files={"t": "text", "b": b"\xff"},
        artifacts=["*.png"],
        timeout=0,
        cpu=2.5,
        memory_mb=64,
        processes=4,
        priority="low",
    )
    assert script.to_json(stream=True) == {
        "script": "x",
        "mode": "program",
        "argv": ["a"],
        "stdin": "in",
        "environment": "data",
        "files": [
            {"path": "t", "content": "text"},
            {"path": "b", "content": base64.b64encode(b"\xff").decode(), "encoding": "base64"},
        ],
        "artifacts": ["*.png"],
        "limits": {"timeout": 0, "cpu": 2.5, "memory_mb": 64, "processes": 4},
        "priority": "low",
        "stream": True,
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"argv": "abc"}, "argv must be a sequence of str"),
        ({"argv": [1]}, r"argv\[0\] must be a str"),
        ({"artifacts": "*.png"}, "artifacts must be a sequence of str"),
        ({"artifacts": {"*.png"}}, "artifacts must be a sequence of str"),
        ({"stdin": b"x"}, "stdin must be a str"),
        ({"environment": None}, "environment must be a str"),
        ({"inputs": [("n", 1)]}, "inputs must be a mapping"),
        ({"files": ["a.txt"]}, "files must be a mapping"),
        ({"files": {"a.txt": Path("a.txt")}}, r"files\['a.txt'\] must be str or bytes"),
        ({"files": {Path("a.txt"): ""}}, "files: the path .* is not a str"),
    ],
)
def test_script_names_the_option_that_has_the_wrong_type(options: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        Script(source="x", **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"inputs": {"a": [object()]}}, r"inputs\['a'\]\[0\]: a object is not a JSON value"),
        ({"inputs": {1: 2}}, "inputs: the key 1 is not a string"),
        ({"timeout": float("inf")}, "timeout: inf is not a JSON value"),
        ({"memory_mb": object()}, "memory_mb: a object is not a JSON value"),
    ],
)
def test_script_names_the_option_that_is_not_json(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Script(source="x", **options)


def test_script_has_its_own_options() -> None:
    script = Script(source="x")
    assert make_script(script, {}) is script
    with pytest.raises(TypeError, match="timeout"):
        make_script(script, {"timeout": 1.0})
    with pytest.raises(TypeError, match="must be a str or a Script, not bytes"):
        make_script(b"x", {})  # type: ignore[arg-type]


def test_idempotency_key_is_new_unless_it_is_given() -> None:
    assert make_key(None) != make_key(None)
    assert make_key("order 4711") == "order 4711"


@pytest.mark.parametrize("key", ["", "a" * 256, "a\r\nX-Evil: 1", "é", " a", "a\x00"])
def test_idempotency_key_is_refused_when_no_header_can_have_it(key: str) -> None:
    with pytest.raises(ValueError, match="idempotency_key"):
        make_key(key)
