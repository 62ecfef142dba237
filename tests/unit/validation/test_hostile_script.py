"""Validation: hostile and random text, warnings of the compiler, and threads."""

import re
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.rejections import MAIN, find_rejection, large, rejection_of
from validation.errors import Rejection
from validation.script import validate

NESTED_FINALLY = "".join(" " * i + "try: return\n" + " " * i + "finally:\n" for i in range(1, 19))
HOSTILE = {
    "open_parentheses": "(" * 5000,
    "open_braces_with_keys": '{"a":' * 199,
    "brackets_with_an_error_inside": "[" * 150 + "1 1" + "]" * 150,
    "mixed_open_brackets": "([{" * 66,
    "a_megabyte_of_brackets": "[" * (1 << 20),
    "a_megabyte_of_items_never_closed": "[" + "0," * 500_000,
    "a_megabyte_in_one_line": "a=1;" * 250_000,
    "unary_operators": "-" * 8000 + "1",
    "unary_operators_by_the_megabyte": "~" * 1_000_000 + "1",
    "nots": "not " * 2000 + "x",
    "attributes": "a" + ".a" * 4000,
    "attributes_by_the_megabyte": "a" + ".a" * 500_000,
    "calls": "f" + "()" * 4000,
    "subscripts": "a" + "[0]" * 2600,
    "sums": "0" + "+0" * 4000,
    "sums_by_the_megabyte": "0" + "+0" * 500_000,
    "powers": "2" + "**2" * 2600,
    "lambdas": "lambda:" * 1000 + "0",
    "lambdas_with_free_names": "".join(f"lambda a{i}:" for i in range(1000))
    + "+".join(f"a{i}" for i in range(1000)),
    "conditionals": "1 if 1 else " * 600 + "1",
    "elifs": "if a: pass\n" + "elif a: pass\n" * 600,
    "blocks": "".join(" " * i + "if a:\n" for i in range(150)) + " " * 150 + "pass",
    "finally_in_finally": "def f():\n" + NESTED_FINALLY + " " * 19 + "pass\n",
    "comprehensions_in_comprehensions": "[" * 60 + "a" + " for a in b]" * 60,
    "comprehensions_in_a_with_of_many": f"with {','.join('a' * 20)}: [a for a in b]",
    "generators_in_calls": "f(a for a in " * 90,
    "yields": "(yield " * 150,
    "walruses": "(a:=" * 199,
    "starred_keywords": "{**" * 199,
    "starred_keywords_with_an_error": "{**{**" * 99 + "a:1" + "}}" * 99,
    "soft_keywords": "match " * 1000,
    "patterns": "match a:\n case " + "[" * 150 + "a a" + "]" * 150 + ": pass",
    "prints": "print (" * 150,
    "withs": "with (" * 150,
    "f_strings_in_f_strings": "f'{" * 150 + "1" + "}'" * 150,
    "format_specifications": "f'{a:" + "{a:" * 150 + "}" * 150 + "}'",
    "digits": "1" * 5000,
    "a_megabyte_of_digits": "1" * 1_000_000,
    "a_huge_exponent": "1e" + "9" * 1000,
    "a_huge_constant_expression": "9**9**9**9, 'a'*10**9, (0,)*10**9, 1<<10**9, '%999999999d'%1",
    "a_long_name": "a" * 1_000_000,
    "marks_heaped_on_a_letter": "a" + "\u0301\u0323" * 200_000,
    "null_bytes": "\0" * 100,
    "a_coding_cookie": "# coding: utf-7\nx = '+AGE-'",
    "an_unknown_coding_cookie": "# coding: nonsense",
    "a_byte_order_mark": "\ufeff",
    "byte_order_marks": "\ufeff\ufeff",
    "fences": "a b\n" + "```\n" * 5000,
    "a_fence_around_open_parentheses": "a b\n```\n" + "(" * 5000 + "\n```",
    "a_fence_around_operators": "a b\n```\n" + "~" * 1_000_000 + "1\n```",
    "a_megabyte_of_spaces": "~~~" + " " * 1_000_000 + "!",
    "a_megabyte_of_spaces_before_an_error": "if 1:\n" + " " * 1_000_000 + "x = = 1",
    "tries_in_tries": "".join(" " * i + "try:\n" for i in range(19))
    + " " * 19
    + "import numpy\n"
    + "".join(" " * i + "finally: pass\n" for i in range(18, -1, -1)),
    "imports_by_the_megabyte": "import os;" * 100_000,
    "handlers_by_the_megabyte": "try: import os\n" + "except KeyError: pass\n" * 40_000,
    "imports_of_one_name": "".join(f"import a.b{i} as x\n" for i in range(9000)) + "x.y\n" * 20_000,
    "form_feeds": "\f" * 100 + "x",
    "backslashes": "\\\n" * 2000,
    "carriage_returns": "x\r" * 2000,
    "tabs_and_spaces": "if x:\n\ty\n        z",
    "escapes_no_string_has": "'\\d' * 3; b'\\q'; f'\\w{x}'",
    "an_unknown_character_name": "'\\N{no such}'",
    "a_literal_compared_by_identity": "x is 3; assert (x, 'y'); 3()",
    "a_lone_surrogate": "'\ud800'",
    "an_identifier_with_a_line_separator": "a\u2028b",
    "a_string_never_closed": "'''" + "x\n" * 2000,
}


@pytest.mark.parametrize("script", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("ending", ["", "\n\n" + MAIN], ids=["alone", "before_main"])
def test_validate_accepts_or_rejects_hostile_text_and_prints_nothing(
    script: str, ending: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert_sound(script + ending)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "name",
    [
        "finally_in_finally",
        # CPython 3.14 compiles these two.
        *(["lambdas_with_free_names", "marks_heaped_on_a_letter"] if sys.version_info < (3, 14) else []),
        "attributes_by_the_megabyte",
        "open_parentheses",
    ],
)
def test_validate_reports_a_syntax_error_when_the_compiler_cannot_process_a_script(name: str) -> None:
    assert rejection_of(f"{HOSTILE[name]}\n").type == "syntax_error"


@pytest.mark.parametrize("name", ["escapes_no_string_has", "a_literal_compared_by_identity"])
@pytest.mark.parametrize("action", ["error", "always"])
def test_validate_ignores_warnings_of_the_compiler(name: str, action: str) -> None:
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter(action)  # type: ignore[arg-type]
        before = list(warnings.filters)
        validate(f"{HOSTILE[name]}\n{MAIN}")
        assert list(warnings.filters) == before
    assert not shown


def test_validate_keeps_the_warning_filters_when_threads_run_it_at_once() -> None:
    before = list(warnings.filters)
    scripts = [f"x = '\\d'\n{MAIN}", "x = = 1", "import numpy", large(MAIN)] * 8
    with ThreadPoolExecutor(8) as pool:
        types = [error and error.type for error in pool.map(find_rejection, scripts)]
    assert types == [None, "syntax_error", "forbidden_import", None] * 8
    assert list(warnings.filters) == before


def test_validate_survives_the_deepest_nesting_in_a_thread_with_a_stack_of_one_megabyte() -> None:
    seen: list[Rejection | None] = []
    scripts = [
        HOSTILE[name][:8000] for name in ("brackets_with_an_error_inside", "unary_operators", "patterns")
    ]
    usual = threading.stack_size(1 << 20)
    try:
        thread = threading.Thread(target=lambda: seen.extend(find_rejection(script) for script in scripts))
        thread.start()
        thread.join()
    finally:
        threading.stack_size(usual)
    assert len(seen) == len(scripts)


def assert_sound(script: str) -> None:
    """Assert that the script compiles, or is rejected in one line and with a position inside it."""
    rejection = find_rejection(script)
    script = script.removeprefix("\ufeff")
    if rejection is None:
        if len(script) < 8192:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                compile(script, "script.py", "exec", dont_inherit=True)
        return
    assert rejection.type in {"syntax_error", "missing_main", "forbidden_import", "invalid_request"}
    assert rejection.message
    assert len(rejection.message.splitlines()) == 1 or rejection.type == "missing_main"
    assert (rejection.name is not None) == (rejection.type == "forbidden_import")
    if rejection.line is None:
        assert rejection.column is None
        return
    assert rejection.column is not None
    lines = re.split(r"\r\n|\r|\n", script)
    assert 1 <= rejection.line <= len(lines)
    assert 1 <= rejection.column <= len(lines[rejection.line - 1]) + 1


WHOLE = '''\
"""A script that has a little of everything."""
from __future__ import annotations
import asyncio, json as j
from collections.abc import Iterator

@decorate(by="x")
class Point[T] (Base, metaclass=Meta):
    x: int = 0
    def move(self, *args, by=1, **rest) -> Point:
        nonlocal_ = [a for a in args if a] or {k: v for k, v in rest.items()}
        return f"{self.x!r:>{by}} {nonlocal_}"

async def main(n=3, /, *, é="ü"):
    global seen
    try:
        async with lock as held, other:
            async for item in stream(): yield await item
    except* (ValueError, KeyError) as error:
        raise SystemExit(1) from error
    else:
        seen = (total := 0) if n < 3 else lambda a, b=2: a ** -b
    finally:
        del seen
    while n > 0:
        n -= 1; continue
    match n:
        case {"a": [1, *rest], **more} if more: pass
        case Point(x=0) | None as p: pass
        case _: print(*rest, sep="\\d")
'''.replace("[T] (", "[T](" if sys.version_info >= (3, 12) else "(")
PIECES = sorted(
    set(re.findall(r"\w+|\s+|[^\w\s]+", WHOLE))
    | {"\0", "\f", "\r", "\t", "\\", "return", "break", "nonlocal x"}
)
TEXTS = st.text(st.characters(codec=None) | st.sampled_from("()[]{}'\"\\\n\r\t\f:=,.#fb0aé\ufeff\ud800"))


@given(TEXTS)
def test_validate_accepts_or_rejects_any_text(script: str) -> None:
    assert_sound(script)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_validate_accepts_or_rejects_any_sequence_of_tokens(pieces: list[str]) -> None:
    assert_sound("".join(pieces))


@given(
    st.integers(0, len(WHOLE)),
    st.integers(0, 12),
    st.lists(st.sampled_from(PIECES), max_size=3).map("".join) | TEXTS,
)
def test_validate_accepts_or_rejects_a_script_after_any_change(at: int, cut: int, insert: str) -> None:
    assert_sound(WHOLE[:at] + insert + WHOLE[at + cut :])


def test_validate_accepts_the_script_that_the_change_test_starts_from() -> None:
    validate(WHOLE)
