"""The format of a log line."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest

from config.logging import configure_logging, job_context
from config.settings import Settings

HOSTILE: Final = 'a "quoted" \\ text\r\nlevel=error \x1b[31m\x9b\u2028 = é'

BOTH: Final = pytest.mark.parametrize("log_format", ["json", "logfmt"])


@contextmanager
def configured(log_format: Any) -> Iterator[logging.Logger]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    configure_logging(Settings(log_format=log_format))
    try:
        yield logging.getLogger("x")
    finally:
        root.handlers[:] = before
        root.setLevel(level)


@BOTH
def test_log_line_is_one_line_when_its_values_have_control_characters(
    log_format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with configured(log_format) as log, job_context(HOSTILE):
        log.warning("%s", HOSTILE, extra={"path": HOSTILE, "secret": "hidden"})
    output = capsys.readouterr().err
    assert output.endswith("\n")
    assert output[:-1].isprintable()
    assert output.count(json.dumps(HOSTILE)) == 3
    assert "hidden" not in output


@BOTH
def test_log_line_contains_the_traceback_when_an_exception_is_logged(
    log_format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with configured(log_format) as log:
        try:
            raise ValueError("no")
        except ValueError:
            log.exception("failed")
    output = capsys.readouterr().err
    assert output[:-1].isprintable()
    assert "ValueError: no" in output
    assert "job=" not in output
