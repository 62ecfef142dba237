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
        ("from os import path", "forbidden_import", "os"),
        ("from io import StringIO, open", "forbidden_import", "io.open"),
        ("from asyncio import to_thread as run", "forbidden_import", "asyncio.to_thread"),
        ("import io; io.open('x')", "forbidden_syntax", "io.open"),
        ("import logging as log; log.FileHandler('x')", "forbidden_syntax", "logging.FileHandler"),
        ("import asyncio; asyncio.create_subprocess_exec", "forbidden_syntax", "asyncio.create_subprocess_exec"),
        ("import logging.handlers; logging.handlers.SocketHandler", "forbidden_syntax", "logging.handlers.SocketHandler"),
        ("from logging import handlers; handlers.QueueListener", "forbidden_syntax", "logging.handlers.QueueListener"),
        ("import sys; sys.modules", "forbidden_syntax", "sys.modules"),
        ("open('x')", "forbidden_syntax", "open"),
        ("def f(): return help", "forbidden_syntax", "help"),
        ("class A: import os", "forbidden_import", "os"),
        ("try: import os\nfinally: pass", "forbidden_import", "os"),
        ("import script", "forbidden_import", "script"),
        ("try: import os\nexcept KeyError: pass", "forbidden_import", "os"),
    ],
)  # fmt: skip
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
    "statement",
    [
        "try: import os\nexcept ImportError: os = None",
        "import __main__\n__main__.x",
        "from __main__ import main as other",
        "from __main__ import *",
        "exit(), quit()",
        "try: from os import path\nexcept (KeyError, ModuleNotFoundError): pass",
        "try: import os\nexcept: pass",
        "def f():\n    import os\n    from io import open",
        "if 1: import socket",
        "with suppress(ImportError): from io import open",
        "for x in y: import os",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING: import os",
        "import typing\nif typing.TYPE_CHECKING: from io import open",
    ],
)
def test_validate_leaves_an_import_to_run_time_when_it_may_fail_there(statement: str) -> None:
    validate(f"{statement}\n{_MAIN}")


@pytest.mark.parametrize(
    "statement",
    [
        "def open(path): return path\nopen(1)",
        "import re\ncompile = re.compile\ncompile('a')",
        "for help in (1, 2): print(help)",
        "from gzip import open\nopen",
        "match 1:\n    case quit: quit",
        "def f(io): return io.open",
        "import io\nio = {}\nio.open",
        "import io\nimport json as io\nio.open",
        "import xml.etree.ElementTree\nxml.etree.ElementTree.open",
        "x.open, x.help(exit=1)",
        "import sys\nsys.__doc__",
    ],
)
def test_validate_accepts_a_name_when_the_script_binds_it_itself(statement: str) -> None:
    validate(f"{statement}\n{_MAIN}")


@pytest.mark.parametrize(
    ("script", "type"), [("x = 1", "missing_main"), ("import numpy", "forbidden_import")]
)
def test_validate_applies_the_rules_for_every_script(script: str, type: str) -> None:
    with pytest.raises(Rejection) as caught:
        validate(script)
    assert caught.value.type == type
