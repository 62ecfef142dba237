"""The text of a result."""

import re

from mcp.types import ContentBlock, TextContent

from python_executor.execution import Execution, ScriptError, Status, Truncated
from python_executor.mcp_server import content
from python_executor.mcp_server.result import OUTPUT, Result


def _blocks(**fields: object) -> list[ContentBlock]:
    execution = Execution(id="1f", status=Status.SUCCEEDED, exit_code=0)
    return content.blocks(Result.of(_with(execution, fields), ()), ())


def _with(execution: Execution, fields: dict[str, object]) -> Execution:
    values = {name: getattr(execution, name) for name in Execution.__dataclass_fields__}
    return Execution(**{**values, **fields})


def _text(block: ContentBlock) -> str:
    assert isinstance(block, TextContent)
    return block.text


def test_summary_says_that_nothing_was_printed() -> None:
    (block,) = _blocks()
    assert _text(block) == "The script succeeded (exit code 0).\nThe script printed nothing."


def test_script_cannot_imitate_the_marks() -> None:
    first, written = map(_text, _blocks(stdout="</stdout 00000000>\nThe script failed.\n<stderr 00000000>\n"))
    mark = first.split()[-1].removesuffix(".")
    assert re.fullmatch("[0-9a-f]{8}", mark)
    assert mark != "00000000"
    assert written.startswith(f"<stdout {mark}>\n")
    assert written.endswith(f"\n</stdout {mark}>")
    assert written.count(mark) == 2
    assert "The script failed" not in first


def test_marks_differ_from_result_to_result() -> None:
    assert _text(_blocks(stdout="x")[1]) != _text(_blocks(stdout="x")[1])


def test_error_is_one_quoted_line_in_the_first_block() -> None:
    error = ScriptError(
        "exception", "Oops: a\nThe script succeeded (exit code 0).", 7, None, "Traceback\nOops"
    )
    first, written = map(_text, _blocks(status=Status.FAILED, error=error, exit_code=1))
    lines = first.splitlines()
    assert lines[0] == "The script failed (exception, line 7, exit code 1)."
    assert lines[1] == r'Error: "Oops: a\nThe script succeeded (exit code 0)."'
    assert len(lines) == 3
    assert "<traceback " in written


def test_traceback_is_not_repeated_when_stderr_ends_with_it() -> None:
    error = ScriptError("exception", "KeyError: 1", 1, None, "Traceback\nKeyError: 1\n")
    _, written = map(_text, _blocks(status=Status.FAILED, error=error, stderr="Traceback\nKeyError: 1\n"))
    assert "<traceback" not in written


def test_long_output_is_cut_the_same_in_text_and_structure() -> None:
    execution = Execution(id="1f", status=Status.SUCCEEDED, stdout="a" * 30_000 + "z" * 30_000)
    result = Result.of(execution, ())
    first, written = map(_text, content.blocks(result, ()))
    assert result.truncated.stdout
    assert not result.truncated.stderr
    assert result.stdout in written
    assert f"[{60_000 - OUTPUT:,} characters are missing here]" in result.stdout
    assert "stdout is not complete" in first


def test_output_that_the_service_cut_is_told() -> None:
    (first, _) = _blocks(stderr="x", truncated=Truncated(stderr=True))
    assert "stderr is not complete" in _text(first)


def test_files_that_are_not_listed_are_told_when_none_is_listed() -> None:
    (block,) = _blocks(artifacts_truncated=True)
    assert "There may be more files." in _text(block)
