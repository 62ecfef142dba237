"""Exits: each way in which the interpreter can end has its error type, and none is a sandbox failure."""

# A script may have long lines.
# ruff: noqa: E501

from functools import partial
from typing import Final

from jobs.limits import Limits
from jobs.outcome import ErrorType
from selftest.checks import all_of, any_of, each, fails, in_order, names_no_service_file, returns
from selftest.probe import BOTH, Probe, job

_probe = partial(Probe, "exits")

#: Exit statuses to which shells or the runner give a meaning.
_STATUSES: Final = (1, 120, 124, 125, 126, 127, 137, 139)

_HOSTILE_TYPE: Final = """
    class Meta(type):
        @property
        def __name__(cls): raise SystemExit("__name__")
    class Evil(Exception, metaclass=Meta):
        pass
    def main(): raise Evil
    """
_HOSTILE_TEXT: Final = """
    class Evil(Exception):
        def __str__(self): raise self
        __repr__ = __str__
    def main(): raise Evil
    """
_HOSTILE_LINE: Final = """
    def main():
        error = SyntaxError("made up")
        error.filename, error.lineno, error.offset, error.text = "script.py", object(), "x", 7
        raise error
    """
_HOSTILE_NOTES: Final = """
    class Notes:
        def __iter__(self): raise KeyboardInterrupt
        def __repr__(self): raise KeyboardInterrupt
    def main():
        error = ValueError("noted")
        error.__notes__ = Notes()
        raise error
    """

PROBES: Final = (
    _probe(
        "sys-exit-reports-exit",
        "call sys.exit(3)",
        "exit, status 3",
        (job("import sys\ndef main(): sys.exit(3)"),),
        fails(ErrorType.EXIT, message="status 3"),
        BOTH,
    ),
    _probe(
        "os-exit-reports-exit",
        "call os._exit(0) before main returns",
        "exit, status 0",
        (job("import os\ndef main(): os._exit(0)"),),
        fails(ErrorType.EXIT, message="status 0"),
    ),
    _probe(
        "reserved-exit-statuses-report-exit",
        "exit with 1, 120, 124 to 127, 137, 139",
        "exit, with that status",
        tuple(job(f"import os\ndef main(): os._exit({code})") for code in _STATUSES),
        in_order(*(fails(ErrorType.EXIT, message=f"status {code}") for code in _STATUSES)),
    ),
    _probe(
        "segmentation-fault-reports-killed",
        "read address 0",
        "killed by SIGSEGV",
        (job("import ctypes\ndef main(): ctypes.string_at(0)"),),
        fails(ErrorType.KILLED, message="SIGSEGV"),
    ),
    _probe(
        "python-recursion-reports-exception",
        "call a function from itself for ever",
        "exception: RecursionError",
        (job("def main(): return main()"),),
        fails(ErrorType.EXCEPTION, message="RecursionError"),
        BOTH,
    ),
    _probe(
        "c-stack-overflow-fails-the-job",
        "recurse in C without a limit",
        "killed, exception or memory_limit",
        (
            job("""
                import sys
                sys.setrecursionlimit(10**9)
                class Deep:
                    def __repr__(self): return repr([self])
                def main(): return {"x": repr(Deep())}
                """),
        ),
        fails(ErrorType.KILLED, ErrorType.EXCEPTION, ErrorType.MEMORY_LIMIT),
    ),
    _probe(
        "thread-stack-overflow-fails-the-job",
        "recurse in a thread with a small stack",
        "killed, exception or memory_limit",
        (
            job("""
                import sys, threading
                sys.setrecursionlimit(10**6)
                threading.stack_size(32768)
                def deep(): return eval("deep()", globals())
                def main():
                    thread = threading.Thread(target=deep)
                    thread.start()
                    thread.join()
                    raise ValueError("survived")
                """),
        ),
        fails(ErrorType.KILLED, ErrorType.EXCEPTION, ErrorType.MEMORY_LIMIT),
    ),
    _probe(
        "base-exceptions-report-exception",
        "raise BaseException, KeyboardInterrupt, nested groups",
        "exception for each",
        (
            job("def main(): raise BaseException('base')"),
            job("def main(): raise KeyboardInterrupt"),
            job("def main(): raise GeneratorExit"),
            job(
                "def main():\n    e = ValueError(1)\n    for _ in range(500): e = ExceptionGroup('g', [e])\n    raise e"
            ),
        ),
        each(fails(ErrorType.EXCEPTION)),
        BOTH,
    ),
    _probe(
        "hostile-exceptions-report-exception",
        "raise exceptions whose name, text, line or notes raise",
        "exception for each; no service file is named",
        tuple(job(script) for script in (_HOSTILE_TYPE, _HOSTILE_TEXT, _HOSTILE_LINE, _HOSTILE_NOTES)),
        each(all_of(fails(ErrorType.EXCEPTION), names_no_service_file)),
    ),
    _probe(
        "traceback-shows-only-the-script",
        "raise in the script, through json and asyncio",
        "exception; no service file is named",
        (
            job("""
                import json
                async def main():
                    try:
                        json.loads("{")
                    except ValueError as error:
                        raise RuntimeError("wrapped") from error
                """),
        ),
        all_of(fails(ErrorType.EXCEPTION, message="wrapped"), names_no_service_file),
    ),
    _probe(
        "non-json-results-are-refused",
        "return None, numbers, NaN, sets, cycles, odd keys",
        "invalid_result for each",
        tuple(
            job(f"def main():\n    {body}")
            for body in (
                "return None",
                "return 3",
                "return []",
                "return 'text'",
                "return {'a': float('nan')}",
                "return {'a': float('inf')}",
                "return {'a': {1}}",
                "return {1: 2}",
                "return {'a': b'bytes'}",
                "r = {}; r['a'] = r; return r",
                "return {'a': 10 ** 5000}",
                "r = {}\n    for _ in range(101): r = {'a': r}\n    return r",
                "r = {}\n    for _ in range(50_000): r = {'a': r}\n    return r",
            )
        ),
        each(fails(ErrorType.INVALID_RESULT)),
        BOTH,
    ),
    _probe(
        "large-result-is-refused",
        "return 2 MB",
        "result_too_large",
        (job("def main():\n    return {'a': 'x' * (2 << 20)}"),),
        fails(ErrorType.RESULT_TOO_LARGE),
        BOTH,
    ),
    _probe(
        "non-callable-main-is-reported",
        "make main a number; delete main",
        "main_not_callable for each",
        (job("main = 3"), job("def main(): pass\ndel main")),
        each(fails(ErrorType.MAIN_NOT_CALLABLE)),
        BOTH,
    ),
    _probe(
        "cleared-interpreter-is-the-scripts-fault",
        "clear sys.modules; clear the builtins",
        "the result; the script's error, no service file is named",
        (
            job("import sys\ndef main():\n    sys.modules.clear()\n    return {}"),
            job("import builtins\ndef main():\n    builtins.__dict__.clear()\n    return {}"),
        ),
        in_order(
            returns({}),
            all_of(
                fails(ErrorType.EXIT, ErrorType.EXCEPTION, ErrorType.INVALID_RESULT), names_no_service_file
            ),
        ),
    ),
    _probe(
        "trace-functions-are-the-scripts-fault",
        "set trace and profile functions that raise",
        "the result or the script's error; no service file is named",
        tuple(
            job(
                f"import sys\ndef evil(*_): raise ValueError('traced')\ndef main():\n    sys.{way}(evil)\n    return {{}}"
            )
            for way in ("settrace", "setprofile")
        ),
        each(
            any_of(
                returns({}),
                all_of(
                    fails(ErrorType.EXIT, ErrorType.EXCEPTION, ErrorType.INVALID_RESULT),
                    names_no_service_file,
                ),
            )
        ),
    ),
    _probe(
        "replaced-os-exit-does-not-delay-the-result",
        "replace os._exit by a no-op, then return",
        "the result",
        (
            job(
                "import os\ndef main():\n    os._exit = lambda status: None\n    return {'returned': True}",
                limits=Limits(timeout=1),
            ),
        ),
        returns({"returned": True}),
    ),
    _probe(
        "replaced-getpid-and-clocks-are-harmless",
        "replace os.getpid and the clocks, then return",
        "the result or exit",
        (
            job("""
                import os, time
                def main():
                    time.monotonic = time.time = lambda: 0
                    os.getpid = lambda: 1
                    return {"returned": True}
                """),
        ),
        any_of(returns({"returned": True}), fails(ErrorType.EXIT)),
    ),
)
