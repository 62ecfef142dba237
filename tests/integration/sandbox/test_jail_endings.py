"""The end of a script in a jail: threads, exit callbacks, finalizers, open files, uncaught exceptions.

Each script has the result and the output that plain Python gives it.
"""

import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from jobs.job import Job
from jobs.limits import Limits
from jobs.outcome import ErrorType
from sandbox.jail.sandbox import NsjailSandbox
from tests.support.scripts import error_of, run_script

#: Plain Python calls main at the end, and must print what the job prints.
_SCRIPTS = {
    "held_output_and_open_file": """
        import atexit, io, os, sys
        held, real = io.StringIO(), sys.stdout
        sys.stdout = held
        atexit.register(lambda: real.write(held.getvalue()))
        out = os.fdopen(os.dup(1), "w")
        def main():
            print("answer 42")
            out.write("written\\n")
        """,
    "file_in_a_cycle": """
        import os
        class Log:
            def __init__(self):
                self.file, self.me = os.fdopen(os.dup(1), "w"), self
        log = Log()
        def main():
            log.file.write("kept\\n")
        """,
    "pool_of_threads": """
        import time
        from concurrent.futures import ThreadPoolExecutor
        pool = ThreadPoolExecutor(1)
        def work():
            time.sleep(0.1)
            print("saved")
        def main():
            pool.submit(work)
        """,
    "timer_and_daemon": """
        import threading, time
        def main():
            threading.Timer(0.1, print, ["timer"]).start()
            threading.Thread(target=time.sleep, args=[60], daemon=True).start()
        """,
    "thread_that_fails": """
        import threading
        def work():
            n = 0
            return 1 / n  # \x0c \u2028 \x1c
        def main():
            threading.Thread(target=work, name="worker").start()
        """,
    "process_without_join": """
        import multiprocessing, time
        def work():
            time.sleep(0.1)
            print("child", flush=True)
        def main():
            multiprocessing.get_context("fork").Process(target=work).start()
        """,
    "callbacks_that_fail": """
        import atexit, sys
        def first(): print("first")
        def second(): 1 / 0
        def third(): sys.exit(3)
        for callback in first, second, third:
            atexit.register(callback)
        def main(): pass
        """,
    "alarm_during_the_wait": """
        import signal, threading, time
        def ring(*_): raise ValueError("alarm")
        signal.signal(signal.SIGALRM, ring)
        def main():
            threading.Thread(target=time.sleep, args=[0.4]).start()
            signal.setitimer(signal.ITIMER_REAL, 0.2)
        """,
    "callback_registered_by_a_thread": """
        import atexit, threading, time
        def work():
            time.sleep(0.1)
            atexit.register(print, "late")
        def main():
            threading.Thread(target=work).start()
        """,
    "finalizers": """
        import weakref
        class Thing:
            def __del__(self): print("del", helper())
        def helper(): return 7
        thing, other = Thing(), Thing()
        weakref.finalize(other, print, "finalized")
        def main(): pass
        """,
    "hook": """
        import sys
        def hook(kind, error, trace):
            names = []
            while trace:
                names.append(trace.tb_frame.f_code.co_name)
                trace = trace.tb_next
            print("hook saw", kind.__name__, error, names[-1], sys.exc_info()[0], sys.last_value is error)
        sys.excepthook = hook
        def main(): raise ValueError("x")
        """,
    "warning": """
        import warnings
        def main(): warnings.warn("old", DeprecationWarning)
        """,
    "own_module": """
        import __main__, importlib, pickle, timeit, inspect, linecache
        class Point: pass
        def f(): return 1
        def main():
            assert isinstance(pickle.loads(pickle.dumps(Point())), Point)
            assert importlib.import_module("__main__") is __main__
            print(timeit.timeit("f()", setup="from __main__ import f", number=1) >= 0, hasattr(__main__, "__file__"))
            print(__name__, __spec__, __package__, type(__builtins__).__name__, type(__loader__).__name__)
            print(open(__file__).readline(), inspect.getsource(f), inspect.getsource(Point), __file__[-10:])
        """,
    "odd_line_ends": """
        text = '''\x0c \u2028 \x85 \x1c \x1d \x1e \x0b'''
        import inspect, traceback
        def f(): return 1 / 0
        def main():
            print(inspect.getsource(f))
            try: f()
            except ZeroDivisionError: traceback.print_exc()
        """,
    "byte_order_mark": "\ufeffimport sys\ndef main(): print(sys._getframe().f_lineno)\n",
    "child_that_returns_from_main": """
        import atexit, os
        atexit.register(print, "end")
        def main():
            if os.fork(): print(os.wait()[1])
        """,
    "child_that_raises": """
        import os, sys
        def main():
            if os.fork(): print(os.waitstatus_to_exitcode(os.wait()[1]))
            else: sys.exit("text")
        """,
    "spawn": """
        import multiprocessing
        def work(): print("in", __name__, flush=True)
        def main():
            child = multiprocessing.get_context("spawn").Process(target=work)
            child.start()
            child.join()
            print(child.exitcode)
        """,
    "own_import": """
        import sys
        def main():
            open("helper.py", "w").write("print('helper')")
            __import__("helper")
            print(sys.argv, sys.path[0] == __file__.rpartition("/")[0])
        """,
    "site": """
        def main():
            print(exit, quit, copyright, credits, help, type(license), sep="|")
            credits()
            help(len)
        """,
}


def _normal(text: str) -> str:
    """Replace what may differ: addresses, the library's path and the script's folder."""
    text = re.sub(r"0x[0-9a-f]+", "0x", text)
    return re.sub(r'(File "|from \')?\S*/(lib/python3\.\d+|script\.py|[\w]+\.py)', r"\1\2", text)


@pytest.mark.parametrize("name", _SCRIPTS)
def test_script_ends_as_in_plain_python(sandbox: NsjailSandbox, name: str, tmp_path: Path) -> None:
    script = textwrap.dedent(_SCRIPTS[name]).lstrip("\n")
    call = "\nif __name__ == '__main__':\n    main()\n"
    (tmp_path / "script.py").write_text(script + call, "utf-8", newline="")
    plain = subprocess.run(
        [sys.executable, "-X", "utf8", "-u", "-B", "script.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    outcome = sandbox.run(Job(f"{script}\n_main = main\ndef main():\n    _main()\n    return {{}}\n"))
    assert sorted(_normal(outcome.stdout).splitlines()) == sorted(_normal(plain.stdout).splitlines())
    assert _normal(outcome.stderr) == _normal(plain.stderr)
    assert outcome.result == {} or plain.returncode


def test_hook_that_fails_is_shown_with_the_original_exception(sandbox: NsjailSandbox) -> None:
    outcome = run_script(
        sandbox,
        """
        import sys
        def hook(*_): raise KeyError("in hook")
        sys.excepthook = hook
        def main(): raise ValueError("x")
        """,
    )
    lines = [line for line in outcome.stderr.splitlines() if not line.startswith("    ")]
    assert error_of(outcome) == (ErrorType.EXCEPTION, "ValueError: x")
    assert lines == [
        "Error in sys.excepthook:",
        "Traceback (most recent call last):",
        '  File "script.py", line 3, in hook',
        "KeyError: 'in hook'",
        "",
        "Original exception was:",
        "Traceback (most recent call last):",
        '  File "script.py", line 5, in main',
        "ValueError: x",
    ]


@pytest.mark.parametrize(
    "end",
    [
        "sys.modules.clear()",
        "sys.modules['threading'] = sys.modules['atexit'] = 3",
        "threading._shutdown = atexit._run_exitfuncs = lambda: 1 / 0",
        "gc.collect = gc.get_objects = lambda *_: os._exit(7)",
        "gc.callbacks.append(lambda *_: sys.exit(7))",
        "sys.stdout = sys.__stdout__ = None; del sys.stderr, sys.__stderr__, sys.__excepthook__",
        "del builtins.BaseException, builtins.SystemExit, builtins.print",
        "sys.setrecursionlimit(20)",
        "sys.argv = sys.path = sys.meta_path = None; gc.disable()",
        "atexit.register(sys.exit, 7)",
        "atexit.register(lambda: result.clear())",
    ],
)
def test_result_is_reported_when_the_script_meddles_with_its_end(sandbox: NsjailSandbox, end: str) -> None:
    outcome = run_script(
        sandbox,
        f"""
        import atexit, builtins, gc, os, sys, threading
        result = {{"kept": True}}
        def main():
            {end}
            return result
        """,
    )
    assert outcome.error is None, outcome
    assert outcome.result == {"kept": True}


@pytest.mark.parametrize(
    ("end", "expected", "text"),
    [
        ("atexit.register(os._exit, 5)", ErrorType.EXIT, "status 5"),
        ("atexit.register(os.abort)", ErrorType.KILLED, "SIGABRT"),
        ("threading.Thread(target=threading.Event().wait).start()", ErrorType.TIMEOUT, ""),
        ("atexit.register(threading.Event().wait)", ErrorType.TIMEOUT, ""),
        ("atexit.register(lambda: bytearray(400 << 20))", ErrorType.MEMORY_LIMIT, ""),
        ("sys.excepthook = lambda *_: sys.exit(4); 1 / 0", ErrorType.EXIT, "status 4"),
    ],
)
def test_end_of_a_script_decides_the_error(
    sandbox: NsjailSandbox, end: str, expected: ErrorType, text: str
) -> None:
    script = f"import atexit, os, sys, threading\ndef main():\n    {end}\n    return {{}}"
    timeout = 1 if expected is ErrorType.TIMEOUT else 10
    kind, message = error_of(run_script(sandbox, script, limits=Limits(timeout=timeout)))
    assert (kind, text in message) == (expected, True)


def test_child_of_a_script_does_not_report_when_it_returns_from_main(sandbox: NsjailSandbox) -> None:
    outcome = run_script(
        sandbox,
        """
        import os
        def main():
            if os.fork() == 0: return {"from": "child"}
            return {"from": "parent", "status": os.wait()[1]}
        """,
    )
    assert outcome.result == {"from": "parent", "status": 0}


@pytest.mark.parametrize(
    "test", ['__name__ == "__main__"', "'__main__' == __name__", '(__name__) == ("__main__")']
)
def test_main_block_is_left_out_and_its_else_runs(sandbox: NsjailSandbox, test: str) -> None:
    outcome = run_script(
        sandbox,
        f"""
        ran = []
        if {test}: ran.append("block")
        else: ran.append("else")
        if True and {test}: ran.append("other test")
        def main(): return {{"ran": ran, "line": __import__("sys")._getframe().f_lineno}}
        """,
    )
    assert outcome.result == {"ran": ["else", "other test"], "line": 6}


def test_file_of_a_script_holds_its_bytes_as_sent(sandbox: NsjailSandbox) -> None:
    script = "\ufeff# \u00e9\r\ndef main():\r    with open(__file__, 'rb') as file: return {'bytes': file.read().hex()}\n"
    assert sandbox.run(Job(script)).result == {"bytes": script.encode().hex()}
