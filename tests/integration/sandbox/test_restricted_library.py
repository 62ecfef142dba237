"""The standard library in the restricted executor: its event loop, its time zones, and what it refuses."""

import pytest

from jobs.limits import MEMORY_MB_LEAST, Limits
from jobs.outcome import ErrorType
from sandbox.restricted.sandbox import RestrictedSandbox
from tests.support.scripts import error_of, run_script


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("import os", "ModuleNotFoundError: the restricted executor does not have the module os: it needs files"),
        ("exec('import os')", "ModuleNotFoundError: the restricted executor does not have the module os: it needs files"),
        ("from os import path", "ModuleNotFoundError: the restricted executor does not have the module os: it needs files"),
        ("import urllib.request", "ModuleNotFoundError: the restricted executor does not have the module urllib.request: it needs sockets"),
        ("import json.scanner", "ModuleNotFoundError: the restricted executor does not have the module json.scanner"),
        ("import numpy.linalg", "ModuleNotFoundError: No module named 'numpy.linalg'"),
        ("from . import json", "ImportError: attempted relative import with no known parent package"),
        ("from .json import loads", "ImportError: attempted relative import with no known parent package"),
        ("from io import open", "ImportError: the restricted executor does not have io.open: it needs files"),
        ("from json import scanner", "ImportError: the restricted executor does not have json.scanner"),
        ("from email import _policybase", "ImportError: the restricted executor does not have email._policybase"),
        ("import json\n    return {'a': json.codecs}", "AttributeError: the restricted executor does not have json.codecs"),
        ("import gzip\n    gzip.open('/tmp/x')", "PermissionError: [Errno 1] Operation not permitted: '/tmp/x'"),
        ("import sqlite3\n    sqlite3.connect('/tmp/x')", "OperationalError: unable to open database file"),
        (
            "import sqlite3\n    sqlite3.connect(':memory:').execute(\"select fts3_tokenizer('simple')\")",
            "OperationalError: user-defined function raised exception",
        ),
        (
            "import logging\n    logging.basicConfig(filename='/tmp/x')",
            "PermissionError: [Errno 1] Operation not permitted: '/tmp/x'",
        ),
        (
            "import optparse\n    optparse.Values().read_module('posix')",
            "RuntimeError: the restricted executor does not have optparse.Values.read_module: it imports modules by their names",
        ),
        (
            "(lambda open: 1)(2)\n    global f\n    def f(): return open('x')\n    f()",
            "NameError: the restricted executor does not have the builtin open: no file can be opened",
        ),
        ("import math\n    math.no_such_name", "AttributeError: module 'math' has no attribute 'no_such_name'"),
        ("from math import no_such_name", "ImportError: cannot import name 'no_such_name' from 'math'"),
        ("eval(bytearray(b'1'))", "TypeError: only text can be compiled in the restricted executor"),
        ("'x'.encode('no_such_encoding')", "LookupError: unknown encoding: no_such_encoding"),
    ],
)  # fmt: skip
def test_refusal_at_run_time_names_what_is_missing(
    restricted: RestrictedSandbox, statements: str, expected: str
) -> None:
    kind, message = error_of(run_script(restricted, f"def main():\n    {statements}\n    return {{}}"))
    assert (kind, message) == (ErrorType.EXCEPTION, expected)


def test_main_module_holds_what_globals_shows(restricted: RestrictedSandbox) -> None:
    outcome = run_script(
        restricted,
        """
        import __main__, timeit
        from __main__ import __main__ as again, timeit as clock
        def f(): return 1
        def main():
            timeit.timeit("f()", "from __main__ import f", number=1)
            return {
                "same": vars(__main__) is globals() and __main__.f is f and again is __main__ and clock is timeit,
                "type": str(type(__main__)),
            }
        """,
    )
    assert outcome.error is None, outcome.error
    assert outcome.result == {"same": True, "type": "<class 'module'>"}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        (
            "class Module(type(__main__)): pass\n    __main__.__class__ = Module",
            "PermissionError: object.__setattr__ cannot be used in the restricted executor",
        ),
        (
            "__main__.__name__ = 'os'\n    from __main__ import path",
            "ImportError: cannot import name 'path' from '__main__'",
        ),
        (
            "globals()['__built' + 'ins__']['__imp' + 'ort__']('os', None, None, ('__main__',))",
            "ModuleNotFoundError: the restricted executor does not have the module os: it needs files",
        ),
    ],
)
def test_main_module_gives_no_script_more(
    restricted: RestrictedSandbox, statements: str, expected: str
) -> None:
    script = f"import __main__\ndef main():\n    {statements}\n    return {{}}"
    assert error_of(run_script(restricted, script)) == (ErrorType.EXCEPTION, expected)


@pytest.mark.parametrize("leave", ["exit(3)", "quit(3)", "import sys; sys.exit(3)"])
def test_script_can_exit(restricted: RestrictedSandbox, leave: str) -> None:
    kind, message = error_of(run_script(restricted, f"def main(): {leave}"))
    assert (kind, message) == (ErrorType.EXIT, "the script exited with status 3")


def test_guarded_import_raises_at_run_time(restricted: RestrictedSandbox) -> None:
    outcome = run_script(
        restricted,
        """
        from contextlib import suppress
        found = []
        with suppress(ImportError):
            import os
            found.append("os")
        try:
            import numpy
        except ModuleNotFoundError as error:
            found.append(str(error))
        def main(): return {"found": found}
        """,
    )
    assert outcome.result == {"found": ["No module named 'numpy'"]}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        (
            "await asyncio.Event().wait()",
            "RuntimeError: the event loop would wait for ever: a task waits at line 3, and no timer runs",
        ),
        (
            "await asyncio.gather(asyncio.Queue().get(), asyncio.sleep(0.001))",
            "RuntimeError: the event loop would wait for ever: a task waits at line 3, and no timer runs",
        ),
        (
            "await asyncio.get_running_loop().run_in_executor(None, print)",
            "RuntimeError: the event loop of the restricted executor does not have run_in_executor",
        ),
        (
            "await asyncio.get_running_loop().create_connection(asyncio.Protocol, 'localhost', 80)",
            "RuntimeError: the event loop of the restricted executor does not have create_connection",
        ),
    ],
)
def test_event_loop_raises_an_error_when_it_would_need_more_than_timers(
    restricted: RestrictedSandbox, statements: str, expected: str
) -> None:
    script = f"import asyncio\nasync def main():\n    {statements}"
    assert error_of(run_script(restricted, script)) == (ErrorType.EXCEPTION, expected)


def test_event_loop_runs_a_whole_program_when_main_is_no_coroutine(restricted: RestrictedSandbox) -> None:
    outcome = run_script(
        restricted,
        """
        import asyncio
        async def ticker(n, seen):
            for i in range(3):
                await asyncio.sleep(0.002 * n)
                seen.append((n, i))
        async def run():
            seen = []
            await asyncio.gather(ticker(1, seen), ticker(9, seen))
            return seen
        def main(): return {"seen": asyncio.run(run())[:3]}
        """,
    )
    assert outcome.result == {"seen": [[1, 0], [1, 1], [1, 2]]}


def test_every_time_zone_has_its_data(restricted: RestrictedSandbox) -> None:
    outcome = run_script(
        restricted,
        """
        import zoneinfo
        def main():
            zones = [zoneinfo.ZoneInfo.no_cache(key) for key in zoneinfo.available_timezones()]
            return {"enough": len(zones) > 300}
        """,
    )
    assert outcome.result == {"enough": True}


def test_job_gets_the_memory_that_it_asked_for(restricted: RestrictedSandbox) -> None:
    script = "def main():\n    bytearray({} << 20)\n    return {{}}"
    limits = Limits(memory_mb=MEMORY_MB_LEAST)
    assert run_script(restricted, script.format(10), limits=limits).error is None
    # The interpreter can have up to 2 MB of free heap, which a job may use in addition (man 3 mallopt,
    # M_TRIM_THRESHOLD).
    assert error_of(run_script(restricted, script.format(20), limits=limits))[0] == ErrorType.MEMORY_LIMIT
