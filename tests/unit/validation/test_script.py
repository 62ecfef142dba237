"""Validation: the rules for the scripts of every sandbox."""

import sys

import pytest

from jobs.environment import NAME_LENGTH
from jobs.limits import REQUEST_BYTES
from tests.support.rejections import MAIN, large, rejection_of
from validation.errors import Rejection
from validation.left_out import LEFT_OUT
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
    assert rejection.message == (
        'the script does not define main at its top level: send "mode": "program" to run the script from top to '
        'bottom, or define main, for example:\ndef main():\n    return {"answer": 42}'
    )


@pytest.mark.parametrize(
    "block",
    [
        "if __name__ == '__main__':\n    def main(): pass\n    main()",
        "if '__main__' == __name__: main = 1",
        "if __name__ == '__main__':\n    if x: import a as main",
    ],
)
def test_validate_rejects_main_in_the_block_that_the_service_does_not_run(block: str) -> None:
    for script in (block, large(block)):
        rejection = rejection_of(script)
        assert rejection.type == "missing_main"
        assert "only under if __name__ ==" in rejection.message
        assert '"mode": "program"' in rejection.message
    validate(f"{block}\nelse: main = 2")
    validate(f"{block}\n{MAIN}")


@pytest.mark.parametrize("script", ["", "print(1)", large("print(1)"), "if __name__ == '__main__': print(1)"])
def test_validate_accepts_a_script_without_main_when_it_needs_none(script: str) -> None:
    validate(script, needs_main=False)


@pytest.mark.parametrize("script", ["import numpy", large("import numpy")])
def test_validate_applies_the_other_rules_when_a_script_needs_no_main(script: str) -> None:
    with pytest.raises(Rejection, match="standard library"):
        validate(script, needs_main=False)


@pytest.mark.parametrize(
    "statement",
    [
        "import json",
        "import os.path, sys as s",
        "import xml.etree.ElementTree as tree",
        "from collections.abc import Iterator",
        "from __future__ import annotations",
        "import _thread",
        "import __main__",
        "import script",
        "from __main__ import main as other",
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
        ("class A:\n    class B:\n        import numpy", "numpy", 3, 9),
        ("try: import numpy\nexcept KeyError: pass", "numpy", 1, 6),
        ("try:\n    import json\n    import numpy\nexcept (KeyError, OSError): pass", "numpy", 3, 5),
        ("try: x\nfinally: import numpy", "numpy", 2, 10),
        ("try: import numpy\nfinally: pass", "numpy", 1, 6),
        ("try: x\nexcept ImportError: pass\nfinally: import numpy", "numpy", 3, 10),
        ("try: import numpy\nexcept* ValueError: pass", "numpy", 1, 6),
        ("def f():\n    import requests\nimport numpy", "numpy", 3, 1),
        ("import sys\nsys.exit()\nimport numpy", "numpy", 3, 1),
        ("import urllib2", "urllib2", 1, 1),
        ('"""Needs numpy."""\nimport numpy', "numpy", 2, 1),
        ("print('tkinter')\nimport tkinter", "tkinter", 2, 1),
        ("open('helper.py')\nimport help", "help", 2, 1),
        ("é = 'ü'; import numpy", "numpy", 1, 10),
        ("x = 1\rimport numpy", "numpy", 2, 1),
        ("x = '\u2028'\r\nimport numpy", "numpy", 2, 1),
        ("import 𝐧𝐮𝐦𝐩𝐲", "numpy", 1, 1),
        ("import tkinter.ttk as ttk", "tkinter.ttk", 1, 1),
        ("\ufeffimport numpy", "numpy", 1, 1),
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


#: The modules of some packages. A package can have a module that no jail has of the library.
MODULES = frozenset({"numpy", "mpl_toolkits", "turtle"})


@pytest.mark.parametrize(
    "statement",
    [
        "import numpy",
        "import json, numpy.linalg as la",
        "from numpy import array",
        "from mpl_toolkits.mplot3d import Axes3D",
        "import turtle",
        "import 𝐧𝐮𝐦𝐩𝐲",
        "class A: import numpy",
    ],
)
def test_validate_accepts_imports_of_the_modules_of_packages(statement: str) -> None:
    for text in (f"{statement}\n{MAIN}", large(f"{statement}\n{MAIN}")):
        validate(text, modules=MODULES)
        validate(text, modules=MODULES, needs_main=False)


@pytest.mark.parametrize(
    ("statement", "name", "reason"),
    [
        ("import pandas", "pandas", "only the standard library and the environment's packages"),
        ("import numpy, numpyro", "numpyro", "the environment's packages can be imported, not numpyro"),
        ("import Numpy", "Numpy", "the environment's packages"),
        ("from mpl import toolkits", "mpl", "the environment's packages"),
        ("from . import numpy", ".", "a script is in none"),
        ("from .numpy import array", ".numpy", "a script is in none"),
        ("import tkinter", "tkinter", "a display"),
    ],
)
def test_validate_names_a_module_that_no_package_has(statement: str, name: str, reason: str) -> None:
    for text in (f"{statement}\n{MAIN}", large(f"{statement}\n{MAIN}")):
        with pytest.raises(Rejection, match=reason) as caught:
            validate(text, modules=MODULES)
        assert (caught.value.type, caught.value.name) == ("forbidden_import", name)


def test_validate_distinguishes_a_relative_import_from_an_unknown_module() -> None:
    assert "relative" in rejection_of("from .json import loads").message
    assert "standard library" in rejection_of("import numpy").message


@pytest.mark.parametrize("module", LEFT_OUT)
def test_validate_says_why_a_module_is_left_out(module: str) -> None:
    assert LEFT_OUT[module] in rejection_of(f"import {module}").message


@pytest.mark.parametrize(
    "statement",
    [
        "try: import numpy\nexcept ImportError: numpy = None",
        "try: import numpy\nexcept ModuleNotFoundError: pass",
        "try: import numpy\nexcept Exception: pass",
        "try: import numpy\nexcept BaseException: pass",
        "try: import numpy\nexcept: pass",
        "try: import numpy\nexcept KeyError: pass\nexcept ImportError as error: pass",
        "try: import numpy\nexcept (KeyError, ImportError): pass",
        "try: import numpy\nexcept* ImportError: pass",
        "try: import numpy\nexcept errors.Missing: pass",
        "try: import numpy\nexcept Missing: pass",
        "try: import numpy\nexcept (KeyError, Missing): pass",
        "try: import numpy\nexcept (KeyError, (OSError, ImportError)): pass",
        "try: import numpy\nexcept missing(): pass",
        "try:\n    try: import numpy\n    finally: pass\nexcept ImportError: pass",
        "try:\n    x[0]\n    import numpy\nexcept IndexError: pass",
        "try: x\nexcept KeyError: import numpy",
        "try: x\nexcept KeyError: pass\nelse: import numpy",
        "class A:\n    try: import numpy\n    except ImportError: pass",
        "with contextlib.suppress(ImportError): import numpy",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING: import numpy",
        "import sys\nif sys.version_info < (3,): import urllib2",
        "if x: pass\nelif y: import numpy\nelse: import requests",
        "if True: from . import numpy",
        "for x in y: import numpy\nelse: import numpy",
        "while x: import numpy",
        "match x:\n    case 1:\n        import numpy",
        "def f():\n    import numpy",
        "async def f():\n    import numpy",
        "class A:\n    def f(self): import numpy",
        "try: import urllib2\nexcept ImportError: import urllib.request",
        "try: import cPickle as pickle\nexcept ImportError: import pickle",
        "try: import tkinter\nexcept ImportError: tkinter = None",
        "open('helper.py', 'w').close()\nimport helper",
        "import os\nos.makedirs('/tmp/made/part')\nimport made.part",
        "sys.modules['helper'] = 3\nfrom helper import x",
    ],
)
def test_validate_leaves_an_import_to_run_time_when_it_may_not_run_or_its_error_may_be_caught(
    statement: str,
) -> None:
    validate(f"{statement}\n{MAIN}")
    validate(large(f"{statement}\n{MAIN}"))


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
        ("from __future__ import braces", 1, 24 if sys.version_info >= (3, 14) else 1),
        ("x\n\0", 2, 1),
        ("x\r\ny = '\ud800'", 2, 6),
        ("\ufeffx = = 1", 1, 5),
        ("\ufeff\ufeffx = 1", 1, 1),
        ("\ufeffx = 'é'; return", 1, 10),
        ("\ufeffx = 1\0", 1, 6),
        ("x = 1\f\n\fy = = 2", 2, 6),
        ("x = '''\u2028\x85\x1c\v'''; y = = 2", 1, 21),
        ("# \u2028\u2029\x85\x1c\x1d\x1e\v\f\nx = = 2", 2, 5),
        ("x = 1\ny = \v2", 2, 5),
        ("x = 1\r\n\ry = = 2", 3, 5),
        ("# coding: latin-1\né = = 'é'", 2, 5),
        ("#!/usr/bin/python\n# -*- coding: nonsense -*-\nx = = 1", 3, 5),
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


def test_message_has_room_for_a_hint_when_the_module_has_a_long_name() -> None:
    for modules in (frozenset[str](), MODULES):
        with pytest.raises(Rejection) as caught:
            validate(f"import {'a' * 5000}\n{MAIN}", modules=modules)
        hint = f": the environment {'e' * NAME_LENGTH} has it"
        assert Rejection("", caught.value.message + hint).message.endswith(hint)


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
