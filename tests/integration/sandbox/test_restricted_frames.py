"""The frames that a restricted script sees: its own and the library's, never the guest's."""

from sandbox.restricted.sandbox import RestrictedSandbox
from tests.support.scripts import run_script


def test_stack_that_a_restricted_script_logs_is_its_own(restricted: RestrictedSandbox) -> None:
    outcome = run_script(
        restricted,
        """\
        import logging
        logging.warning("module", stack_info=True)
        class Shown:
            def __str__(self):
                logging.warning("shown", stack_info=True)
                return ""
        def main():
            print(Shown())
            return {}
        """,
    )
    assert outcome.stderr == (
        'WARNING:root:module\nStack (most recent call last):\n  File "script.py", line 2, in <module>\n'
        '    logging.warning("module", stack_info=True)\n'
        'WARNING:root:shown\nStack (most recent call last):\n  File "script.py", line 8, in main\n    print(Shown())\n'
        '  File "script.py", line 5, in __str__\n    logging.warning("shown", stack_info=True)\n'
    )


def test_tracebacks_that_a_restricted_script_prints_have_no_frame_of_the_guest(
    restricted: RestrictedSandbox,
) -> None:
    outcome = run_script(
        restricted,
        """\
        import ast, traceback
        class Odd(Exception):
            def with_traceback(self, trace):
                raise RuntimeError
        class Lazy:
            @property
            def value(self):
                raise Odd
        def attempts():
            yield lambda: eval("1 +")
            yield lambda: eval("_x._y")
            yield lambda: exec("def f():\\n    return 1 / 0\\nf()")
            yield lambda: exec("raise Odd", globals())
            yield lambda: getattr(Lazy(), "value")
            yield lambda: getattr(3, "__globals__")
            yield lambda: compile("(", "name", "exec")
            yield lambda: ast.parse("(")
            yield lambda: print(1, sep=2)
        def main():
            for attempt in attempts():
                try:
                    attempt()
                except Exception:
                    traceback.print_exc()
            return {}
        """,
    )
    assert outcome.error is None, outcome
    assert outcome.stderr.count("Traceback (most recent call last)") == 9
    files = {line.split('"')[1] for line in outcome.stderr.splitlines() if line.startswith('  File "')}
    assert {file for file in files if "/" not in file} == {"script.py", "<string>", "name", "<unknown>"}
    assert {file.rpartition("/")[2] for file in files if "/" in file} == {"ast.py"}


def test_traceback_of_a_restricted_job_names_the_line_of_text_that_it_executed(
    restricted: RestrictedSandbox,
) -> None:
    outcome = run_script(restricted, "def main():\n    exec('x = 1\\n1 / 0')\n")
    assert outcome.error is not None
    assert outcome.error.line == 2
    assert (outcome.error.traceback or "").endswith(
        '  File "<string>", line 2, in <module>\nZeroDivisionError: division by zero\n'
    )
