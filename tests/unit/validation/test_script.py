"""Validation: the rules for the scripts of every sandbox."""

import pytest

from jobs.limits import REQUEST_BYTES
from tests.support.rejections import MAIN, large, rejection_of
from validation.script import check_in_process, validate


@pytest.mark.parametrize(
    "script",
    [
        "def main(): pass",
        "async def main(): pass",
        "class main: pass",
        "main = lambda: {}",
        "main = 3",
        "a, (b, *main) = f()",
        "main: object = f",
        "(main := f)",
        "[main := f for _ in 'a']",
        "if (main := f): pass",
        "from json import loads as main",
        "import json as main",
        "if x:\n    def main(): pass",
        "if x: pass\nelse:\n    main = 1",
        "try:\n    def main(): pass\nfinally: pass",
        "try: pass\nexcept E:\n    def main(): pass",
        "with x as main: pass",
        "with x:\n    def main(): pass",
        "for main in x: pass",
        "while x:\n    def main(): pass",
        "match x:\n    case {'a': [1, *main]}: pass",
        "match x:\n    case {**main}: pass",
        "match x:\n    case A() as main: pass",
        "match x:\n    case _:\n        def main(): pass",
        "def main(): pass\ndel main",
        "def 𝐦𝐚𝐢𝐧(): pass",
    ],
)
def test_validate_accepts_every_way_to_bind_main_at_the_top_level(script: str) -> None:
    validate(script)


@pytest.mark.parametrize(
    "script",
    [
        "",
        "# main",
        "x = 'def main(): pass'",
        "def f():\n    def main(): pass",
        "class A:\n    def main(self): pass",
        "f = lambda: (main := 1)",
        "[main for main in 'abc']",
        "main: int",
        "main()",
        "x.main = 1",
        "x['main'] = 1",
        "def Main(): pass",
    ],
)
def test_validate_rejects_a_script_without_main_at_its_top_level(script: str) -> None:
    rejection = rejection_of(script)
    assert (rejection.type, rejection.line, rejection.name) == ("missing_main", None, None)


@pytest.mark.parametrize(
    "statement",
    [
        "import json",
        "import os.path, sys as s",
        "import xml.etree.ElementTree as tree",
        "from collections.abc import Iterator",
        "from __future__ import annotations",
        "import _thread",
        "import 𝐣𝐬𝐨𝐧",
    ],
)
def test_validate_accepts_imports_of_the_standard_library(statement: str) -> None:
    validate(f"{statement}\n{MAIN}")


@pytest.mark.parametrize(
    ("script", "name", "line", "column"),
    [
        ("import numpy", "numpy", 1, 1),
        ("import json, numpy.linalg as la", "numpy.linalg", 1, 1),
        ("from numpy import array", "numpy", 1, 1),
        ("from jsonx.json import x", "jsonx.json", 1, 1),
        ("def f():\n    if x:\n        import numpy", "numpy", 3, 9),
        ("class A:\n    try: import numpy\n    except ImportError: pass", "numpy", 2, 10),
        ("match x:\n    case 1:\n        import numpy", "numpy", 3, 9),
        ("def f():\n    import requests\nimport numpy", "requests", 2, 5),
        ("é = 'ü'; import numpy", "numpy", 1, 10),
        ("x = 1\rimport numpy", "numpy", 2, 1),
        ("x = '\u2028'\r\nimport numpy", "numpy", 2, 1),
        ("import 𝐧𝐮𝐦𝐩𝐲", "numpy", 1, 1),
        ("import __main__", "__main__", 1, 1),
        ("from . import json", ".", 1, 1),
        ("from ..json import loads", "..json", 1, 1),
        ("from .json import *", ".json", 1, 1),
    ],
)
def test_validate_names_the_first_forbidden_import_with_line_and_column(
    script: str, name: str, line: int, column: int
) -> None:
    for text in (f"{script}\n{MAIN}", large(f"{script}\n{MAIN}")):
        rejection = rejection_of(text)
        assert rejection.type == "forbidden_import"
        assert (rejection.name, rejection.line, rejection.column) == (name, line, column)


def test_validate_distinguishes_a_relative_import_from_an_unknown_module() -> None:
    assert "relative" in rejection_of("from .json import loads").message
    assert "standard library" in rejection_of("import numpy").message


@pytest.mark.parametrize(
    ("script", "line", "column"),
    [
        ("def f(:", 1, 7),
        ("x = 1\nx = = 2", 2, 5),
        ("é = 1; é = = 2", 1, 12),
        ("if x:\npass", 2, 1),
        ("x = (", 1, 5),
        ("return", 1, 1),
        ("x = 'é'; return", 1, 10),
        ("yield 1", 1, 1),
        ("def f():\n    await x", 2, 5),
        ("x = [a async for a in b]", 1, 5),
        ("x = 1\nbreak", 2, 1),
        ("nonlocal x", 1, 1),
        ("def f(a, a): pass", 1, 10),
        ("f(a=1, a=2)", 1, 8),
        ("x = 1\nfrom __future__ import annotations", 2, 1),
        ("from __future__ import braces", 1, 1),
        ("x\n\0", 2, 1),
        ("x\r\ny = '\ud800'", 2, 6),
        ("\ufeffx = 1", 1, 1),
    ],
)
def test_validate_reports_line_and_column_of_a_syntax_error(script: str, line: int, column: int) -> None:
    rejection = rejection_of(script)
    assert (rejection.type, rejection.line, rejection.column) == ("syntax_error", line, column)


def test_validate_reports_syntax_before_imports_and_imports_before_main() -> None:
    assert rejection_of("import numpy\nreturn").type == "syntax_error"
    assert rejection_of("import numpy").type == "forbidden_import"


def test_validate_rejects_a_script_when_it_is_one_byte_over_the_limit() -> None:
    rest = REQUEST_BYTES - len(MAIN)
    validate(MAIN + "#" * rest)
    assert rejection_of(MAIN + "#" * (rest + 1)).type == "invalid_request"


def test_validate_counts_the_size_in_utf_8_bytes() -> None:
    assert rejection_of(MAIN + "#" + "é" * (REQUEST_BYTES // 2)).type == "invalid_request"


def test_validate_applies_the_same_rules_to_a_large_script() -> None:
    validate(large(MAIN))
    assert rejection_of(large("x = 1")).type == "missing_main"
    rejection = rejection_of(large(f"{MAIN}\nreturn"))
    assert (rejection.type, rejection.line, rejection.column) == ("syntax_error", 4, 1)


def test_validate_applies_the_same_rules_to_a_deeply_nested_script() -> None:
    nested = "x = " + "[" * 50 + "]" * 50 + "\n"
    validate(nested + MAIN)
    assert rejection_of(f"{nested}import numpy").line == 2


def test_rejection_has_a_short_message_and_the_full_name() -> None:
    rejection = rejection_of(f"import {'a' * 5000}")
    assert len(rejection.message) <= 200
    assert rejection.name == "a" * 5000


ORDINARY = f'''{MAIN}

class Shelf:
    def take(self, name, *, default=None):
        # Look in the boxes first, then on the floor.
        with self.lock:
            try:
                for box in self.boxes:
                    if name in box.names and not box.closed:
                        return box.open(name, mode="read")[0]
            except (KeyError, OSError) as error:
                raise LookupError(f"{{name}} is not on {{self}}") from error
            finally:
                self.taken.append(name)
        return [default or item.lower() for item in self.floor if item]

    def describe(self, *, width=80):
        """Return a table of the names, one line for each box."""
        lines = [f"{{len(box.names):>4}}  {{', '.join(sorted(box.names))}}" for box in self.boxes]
        total = sum(len(box.names) for box in self.boxes) + len(self.floor)
        heading = f"{{total}} things in {{len(self.boxes)}} boxes, {{len(self.floor)}} on the floor"
        if not lines:
            heading += " (there are no boxes)"
        for number, line in enumerate(lines):
            lines[number] = line if len(line) <= width else line[: width - 1] + "…"
        return "\\n".join([heading, "=" * len(heading), *lines])
'''


@pytest.mark.parametrize(
    "script",
    [
        MAIN + "# a comment\n" * 1500,
        MAIN + "x = 1\n" * 1900,
        MAIN + "text = '" + "many words " * 2500 + "'\n",
        ORDINARY * (30_000 // len(ORDINARY)),
    ],
    ids=["comments", "plain_lines", "a_long_string", "classes"],
)
def test_validate_needs_no_child_process_for_an_ordinary_script(script: str) -> None:
    assert check_in_process(script)


def jumps(jump: str, inside: str) -> str:
    """Return a function with 1,000 jumps inside of a block that ends with `inside`."""
    return f"def f():\n while a:\n  try:\n   {jump}\n   {f'{jump};' * 1000}\n  finally:\n   {inside}\n"


@pytest.mark.parametrize(
    "script",
    [
        jumps("return", "a(); b(); c(); d(); a(); b(); c(); d()"),
        jumps("break", "a(); b(); c(); d(); a(); b(); c(); d()"),
        jumps("continue", "a(); b(); c(); d(); a(); b(); c(); d()"),
        "try: a\nfinally:\n try: a\n finally:\n  a",
        "try: a\nfinally:\n if a:\n  for b in c:\n   try: a\n   finally: a",
        "def a(): b\n" * 400,
        "class a: b\n" * 400,
        "lambda: b\n" * 400,
        "[a for a in b]\n" * 400,
        "a" + "\u0301\u0323" * 600,
        "#" * 9100,
        "\n" * 40_000,
        "a\n" * 5000,
        f"{'[' * 20}{']' * 20}",
    ],
)
def test_validate_needs_a_child_process_when_the_compiler_could_take_long(script: str) -> None:
    assert not check_in_process(script)
