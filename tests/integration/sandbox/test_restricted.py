"""Jobs in the restricted executor: their outcomes and their language."""

import sys
from pathlib import Path

import pytest

from jobs.job import Job
from jobs.limits import OUTPUT_BYTES, Limits
from jobs.outcome import ErrorType, SandboxKind
from sandbox.errors import SandboxFailure
from sandbox.restricted.sandbox import RestrictedSandbox
from tests.support.checkout import ROOT
from tests.support.examples import EXAMPLES, Example
from tests.support.scripts import error_of, run_script


@pytest.mark.parametrize(
    "example",
    [example for example in EXAMPLES if SandboxKind.RESTRICTED in example.sandboxes],
    ids=lambda example: example.name,
)
def test_example_for_the_restricted_executor_gets_its_answer(
    restricted: RestrictedSandbox, example: Example
) -> None:
    outcome = restricted.run(example.job)
    assert {"result": outcome.result, "stdout": outcome.stdout} == example.answer


def test_restricted_executor_refuses_a_job_of_an_environment(restricted: RestrictedSandbox) -> None:
    with pytest.raises(SandboxFailure, match="no environment data"):
        restricted.run(Job("def main(): return {}", environment="data"))


@pytest.mark.parametrize(
    ("script", "expected", "text"),
    [
        ("import os\ndef main(): return {}", ErrorType.FORBIDDEN_IMPORT, "os"),
        ("def main(): return {'a': ().__class__.__bases__}", ErrorType.FORBIDDEN_SYNTAX, "__bases__"),
        ("def main():\n    while True: pass", ErrorType.TIMEOUT, "0.5 s"),
        ("def main(): bytearray(400 << 20)", ErrorType.MEMORY_LIMIT, "256 MB"),
        ("def main():\n    keep = []\n    while True: keep.append(bytearray(1 << 20))", ErrorType.MEMORY_LIMIT, "256 MB"),
        ("import sys\ndef main(): sys.exit(3)", ErrorType.EXIT, "status 3"),
        ("def main(): 1/0", ErrorType.EXCEPTION, "ZeroDivisionError"),
        ("def main(): return main()", ErrorType.EXCEPTION, "RecursionError"),
        ("def main(): return 3", ErrorType.INVALID_RESULT, "an int"),
        ("main = 3", ErrorType.MAIN_NOT_CALLABLE, "an int"),
        ("def main(): return {'a': 'x' * 2_000_000}", ErrorType.RESULT_TOO_LARGE, "2000009"),
    ],
)  # fmt: skip
def test_restricted_job_has_the_expected_error_type_when_it_fails(
    restricted: RestrictedSandbox, script: str, expected: ErrorType, text: str
) -> None:
    kind, message = error_of(
        run_script(restricted, script, limits=Limits(timeout=0.5 if "while True: pass" in script else 5))
    )
    assert kind == expected
    assert text in message


def test_timeout_distinguishes_cpu_time_from_wall_time(restricted: RestrictedSandbox) -> None:
    burning = run_script(restricted, "def main():\n    while True: pass", limits=Limits(timeout=5, cpu=1))
    sleeping = run_script(
        restricted, "import time\ndef main(): time.sleep(9)", limits=Limits(timeout=0.5, cpu=5)
    )
    assert "CPU" in error_of(burning)[1]
    assert "CPU" not in error_of(sleeping)[1]


def test_restricted_executor_runs_an_ordinary_program(restricted: RestrictedSandbox) -> None:
    outcome = run_script(
        restricted,
        """
        from __future__ import annotations
        import collections.abc, contextlib, csv, datetime, enum, functools, hashlib, io, json, random, re, sys, time, uuid
        from collections import Counter, namedtuple
        from dataclasses import dataclass, field
        from typing import NamedTuple
        from urllib.parse import urlsplit

        class Colour(enum.Enum):
            RED = enum.auto()

        @dataclass(order=True, slots=True)
        class Item:
            name: str
            tags: list[str] = field(default_factory=list)
            def __post_init__(self):
                self.name = self.name.title()

        class Point(NamedTuple):
            x: int
            y: int = 2

        class Stack:
            __slots__ = ("_items",)
            def __init__(self): self._items = []
            def __len__(self): return len(self._items)
            def __enter__(self): return self
            def __exit__(self, *exc): return False
            def __repr__(self): return f"{self.__class__.__name__}({self._items})"
            __str__ = __repr__

        def logged(function):
            @functools.wraps(function)
            def wrapper(*args):
                return function(*args)
            return wrapper

        @logged
        def double(n): return n * 2

        def numbers():
            for n in range(3):
                yield n

        async def later(n): return n

        async def main(name):
            with contextlib.redirect_stdout(io.StringIO()) as captured:
                print("inner")
            match Point(1):
                case Point(x=1, y=y): pass
            stack = Stack()
            getattr(stack, "_items").append(1)
            return {
                "item": Item(name).name, "colour": Colour.RED.name, "y": y, "double": double.__name__,
                "stack": "{}".format(stack), "sum": sum(numbers()), "captured": captured.getvalue(),
                "awaited": await later(3), "stdin": sys.stdin.read(), "format": "{0[0]:>3}|{1.x}".format([1], Point(5)),
                "date": str(datetime.datetime.strptime("2024-02-29", "%Y-%m-%d").date()),
                "sub": re.sub(r"(a)", r"<\\1>", "banana"), "csv": list(csv.reader(["a,b"])),
                "hash": hashlib.sha256(b"").hexdigest()[:4], "uuid": len(str(uuid.uuid4())),
                "counter": Counter("aab").most_common(1), "host": urlsplit("http://a/b").netloc,
                "module": __name__,
            }

        if __name__ == "__main__":
            raise SystemExit("not run here")
        """.replace("\\\\\\\\", "\\\\"),
        inputs={"name": "bolt"},
        stdin="in",
    )
    assert outcome.error is None
    assert outcome.result == {
        "item": "Bolt", "colour": "RED", "y": 2, "double": "double", "stack": "Stack([1])", "sum": 3,
        "captured": "inner\n", "awaited": 3, "stdin": "in", "format": "  1|5", "date": "2024-02-29",
        "sub": "b<a>n<a>n<a>", "csv": [["a", "b"]], "hash": "e3b0", "uuid": 36, "counter": [["a", 2]],
        "host": "a", "module": "__main__",
    }  # fmt: skip


def test_traceback_shows_no_path_of_the_host(restricted: RestrictedSandbox) -> None:
    outcome = run_script(restricted, "import json\ndef main(): json.loads('{')")
    assert outcome.error is not None
    trace = outcome.error.traceback or ""
    assert 'File "script.py", line 2, in main' in trace
    assert 'File "json/decoder.py"' in trace
    assert str(ROOT) not in trace


def test_restricted_job_has_capped_output_and_gets_stdin(restricted: RestrictedSandbox) -> None:
    outcome = run_script(
        restricted,
        "import sys\ndef main():\n    print('x' * 3_000_000)\n    return {'n': len(sys.stdin.read())}",
        stdin="y" * 500_000,
    )
    assert (outcome.result, outcome.stdout_truncated) == ({"n": 500_000}, True)
    assert len(outcome.stdout) == OUTPUT_BYTES


def test_restricted_job_does_not_see_module_changes_of_an_earlier_job(restricted: RestrictedSandbox) -> None:
    run_script(
        restricted,
        "import json\ndef main():\n    json.marker = 1\n    json.dumps = 1\n    return {}",
    )
    outcome = run_script(
        restricted,
        "import json\ndef main(): return {'seen': hasattr(json, 'marker') or json.dumps == 1}",
    )
    assert outcome.result == {"seen": False}


def test_restricted_job_fails_when_its_script_is_rejected(restricted: RestrictedSandbox) -> None:
    assert error_of(run_script(restricted, "def main(:"))[0] == ErrorType.EXCEPTION
    assert error_of(run_script(restricted, "x = 1"))[0] == ErrorType.EXCEPTION


def test_restricted_script_ends_as_a_program_does(restricted: RestrictedSandbox) -> None:
    outcome = run_script(
        restricted,
        """
        import sys, weakref
        class Thing:
            def __del__(self): print("del", helper())
        def helper(): return 7
        thing, other = Thing(), Thing()
        weakref.finalize(other, print, "finalized")
        if "__main__" == __name__: print("block")
        else: print("else", __file__, sys.argv)
        def main(): return {}
        """,
    )
    assert outcome.result == {}
    assert sorted(outcome.stdout.splitlines()) == [
        "del 7",
        "del 7",
        "else /tmp/script.py ['script.py']",
        "finalized",
    ]


def test_restricted_script_may_set_a_hook_for_uncaught_exceptions(restricted: RestrictedSandbox) -> None:
    outcome = run_script(
        restricted,
        """
        import sys
        def hook(kind, error, trace): print("hook saw", kind.__name__, error, trace is None)
        sys.excepthook = hook
        def main(): raise ValueError("x")
        """,
    )
    assert error_of(outcome) == (ErrorType.EXCEPTION, "ValueError: x")
    assert outcome.stdout == "hook saw ValueError x False\n"


@pytest.mark.parametrize(
    "hook", ["eval", "exec", "globals", "vars", "getattr", "setattr", "print", "type", "None", "sys"]
)
def test_restricted_hook_gains_nothing_when_it_is_a_builtin(restricted: RestrictedSandbox, hook: str) -> None:
    outcome = run_script(
        restricted,
        f"""
        import sys
        sys.excepthook = {hook}
        def main(): raise ValueError("1 + 1")
        """,
    )
    assert error_of(outcome) == (ErrorType.EXCEPTION, "ValueError: 1 + 1")
    assert "/" not in outcome.stdout + outcome.stderr, "no path of the host is shown"


def test_restricted_traceback_shows_the_right_line_when_lines_end_oddly(
    restricted: RestrictedSandbox,
) -> None:
    script = "text = '\u2028 \x85 \x1c \x0c'\r\n\r\ndef main():\r    return 1 / 0\n"
    error = restricted.run(Job(script)).error
    assert error is not None
    assert error.line == 4
    assert "\n    return 1 / 0\n" in (error.traceback or "")


@pytest.mark.skipif(sys.version_info < (3, 14), reason="annotations are evaluated late since Python 3.14")
def test_restricted_executor_evaluates_annotations_that_name_a_later_class(
    restricted: RestrictedSandbox,
) -> None:
    outcome = run_script(
        restricted,
        """
        import dataclasses, typing
        @dataclasses.dataclass(slots=True)
        class Node:
            value: int
            after: Node | Missing | None = None
            def total(self) -> Number: return self.value + (self.after.total() if self.after else 0)
        class Missing: pass
        Number = int
        def main():
            return {"total": Node(1, Node(2)).total(), "hints": sorted(typing.get_type_hints(Node)),
                    "texts": typing.get_type_hints(Node.total, format=4)}
        """,
    )
    assert outcome.error is None
    assert outcome.result == {"total": 3, "hints": ["after", "value"], "texts": {"return": "Number"}}


def test_restricted_script_makes_no_function_when_its_own_code_equals_that_of_the_maker(
    restricted: RestrictedSandbox,
) -> None:
    lines = Path(ROOT, "sandbox/guest/restricted/compilers.py").read_text().splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("def make_function"))
    last = next(number for number, line in enumerate(lines) if "types.FunctionType(" in line)
    maker = "\n".join(lines[first : last + 1]).replace("types.CodeType", "types.NoneType")
    start = "import operator, types\nfrom typing import Any\nrefuse_library_code = print"
    # Equal code objects have the same lines.
    gap = "\n" * (first - start.count("\n"))
    end = "def main(): return {'made': str(make_function({}, operator.attrgetter('_' * 2 + 'code' + '_' * 2)(main), {}))}"
    outcome = restricted.run(Job(f"{start}{gap}{maker}\n{end}\n"))
    assert outcome.error is not None
    assert "function.__new__ cannot be used" in outcome.error.message


def test_restricted_script_cannot_run_code_of_the_library_that_imports(restricted: RestrictedSandbox) -> None:
    outcome = run_script(
        restricted,
        """
        import operator, xml.sax.xmlreader
        def main():
            exec(compile("from __future__ import annotations\\nfrom json import loads", "own", "exec"), {})
            exec(operator.attrgetter("_" * 2 + "code" + "_" * 2)(xml.sax.xmlreader.IncrementalParser.parse))
        """,
    )
    assert outcome.error is not None
    assert "code of the library cannot be used" in outcome.error.message


@pytest.mark.skipif(sys.version_info < (3, 14), reason="the library makes functions since Python 3.14")
def test_restricted_script_makes_no_function_when_it_has_the_code_of_the_maker(
    restricted: RestrictedSandbox,
) -> None:
    outcome = run_script(
        restricted,
        """
        import operator, types, typing
        d = "_" * 2
        def call(self, format): raise NotImplementedError
        def annotate(code, names, defaults):
            shown = {"code": code, "globals": names, "defaults": defaults, "builtins": {}, "closure": None,
                     "kwdefaults": None, "call": call}
            class C:
                def __call__(self): pass
            target = C()
            shown = {d + name + d: value for name, value in shown.items()}
            object.__setattr__(target, d + "annotate" + d, type("A", (), shown)())
            typing.get_type_hints(target, format=3)
        def main():
            try:
                annotate(None, {}, ())
            except Exception as error:
                trace = error.__traceback__
            while operator.attrgetter("tb_frame.f_code.co_name")(trace) != "make_function":
                trace = operator.attrgetter("tb_next")(trace)
            maker = operator.attrgetter("tb_frame.f_code")(trace)
            own = types.SimpleNamespace(__setitem__=print, FunctionType=types.FunctionType)
            names = {"refuse_library_code": print, "dict": own, "types": own}
            annotate(maker, names, (operator.attrgetter(d + "code" + d)(main), {}))
        """,
    )
    assert outcome.error is not None
    # The library tries again after a refusal. A function that was made would be "a non-dict" for it.
    assert "ForwardRef" in outcome.error.message
