"""Every way for an interpreter to end has its verdict, and none of them is our fault."""

# A script may have long lines.
# ruff: noqa: E501

from functools import partial
from typing import Final

from jobs.limits import Limits
from jobs.outcome import ErrorType
from selftest.checks import all_of, each, fails, in_turn, one_of, returns, shows_nothing_of_ours
from selftest.probe import BOTH, Probe, job

_probe = partial(Probe, "ends")

#: Those that shells and the runner give a meaning to.
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
        "sys-exit-is-an-exit",
        "sys.exit(3)",
        "exit, status 3",
        (job("import sys\ndef main(): sys.exit(3)"),),
        fails(ErrorType.EXIT, says="status 3"),
        BOTH,
    ),
    _probe(
        "a-hard-exit-is-an-exit",
        "os._exit(0) before main returns",
        "exit, status 0",
        (job("import os\ndef main(): os._exit(0)"),),
        fails(ErrorType.EXIT, says="status 0"),
    ),
    _probe(
        "our-own-exit-status-is-not-special",
        "os._exit with 1, 120, 124 to 127, 137, 139",
        "exit, with that status",
        tuple(job(f"import os\ndef main(): os._exit({code})") for code in _STATUSES),
        in_turn(*(fails(ErrorType.EXIT, says=f"status {code}") for code in _STATUSES)),
    ),
    _probe(
        "a-crash-is-a-kill",
        "read address 0",
        "killed by SIGSEGV",
        (job("import ctypes\ndef main(): ctypes.string_at(0)"),),
        fails(ErrorType.KILLED, says="SIGSEGV"),
    ),
    _probe(
        "an-endless-recursion-is-an-exception",
        "a function that calls itself",
        "exception: RecursionError",
        (job("def main(): return main()"),),
        fails(ErrorType.EXCEPTION, says="RecursionError"),
        BOTH,
    ),
    _probe(
        "an-exhausted-stack-is-contained",
        "recursion in C without a limit",
        "killed, an exception or memory_limit",
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
        "an-exhausted-thread-stack-is-contained",
        "recursion in a thread with a tiny stack",
        "killed or an exception",
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
        "every-exception-is-an-exception",
        "raise BaseException, KeyboardInterrupt, a group of groups",
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
        "a-hostile-exception-is-an-exception",
        "names, texts, lines and notes that raise when they are read",
        "exception for each, nothing of ours in sight",
        tuple(job(script) for script in (_HOSTILE_TYPE, _HOSTILE_TEXT, _HOSTILE_LINE, _HOSTILE_NOTES)),
        each(all_of(fails(ErrorType.EXCEPTION), shows_nothing_of_ours)),
    ),
    _probe(
        "a-traceback-shows-the-script-only",
        "raise in the script, through the library and asyncio",
        "no frame and no path of ours",
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
        all_of(fails(ErrorType.EXCEPTION, says="wrapped"), shows_nothing_of_ours),
    ),
    _probe(
        "what-is-no-json-object-is-no-result",
        "return None, a number, NaN, a set, itself, an odd key",
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
        "a-large-result-is-too-large",
        "return 2 MB",
        "result_too_large",
        (job("def main():\n    return {'a': 'x' * (2 << 20)}"),),
        fails(ErrorType.RESULT_TOO_LARGE),
        BOTH,
    ),
    _probe(
        "a-main-that-is-none-is-named",
        "main that is a number, or gone",
        "main_not_callable",
        (job("main = 3"), job("def main(): pass\ndel main")),
        each(fails(ErrorType.MAIN_NOT_CALLABLE)),
        BOTH,
    ),
    _probe(
        "an-emptied-interpreter-ends-by-itself",
        "clear the modules and the builtins, then return",
        "the script's own fault, nothing of ours in sight",
        (
            job("import sys\ndef main():\n    sys.modules.clear()\n    return {}"),
            job("import builtins\ndef main():\n    builtins.__dict__.clear()\n    return {}"),
        ),
        in_turn(
            returns({}),
            all_of(
                fails(ErrorType.EXIT, ErrorType.EXCEPTION, ErrorType.INVALID_RESULT), shows_nothing_of_ours
            ),
        ),
    ),
    _probe(
        "a-trace-function-cannot-leave-the-runner",
        "sys.settrace and setprofile with functions that raise",
        "the script's own fault, nothing of ours in sight",
        tuple(
            job(
                f"import sys\ndef evil(*_): raise ValueError('traced')\ndef main():\n    sys.{way}(evil)\n    return {{}}"
            )
            for way in ("settrace", "setprofile")
        ),
        each(
            all_of(
                fails(ErrorType.EXIT, ErrorType.EXCEPTION, ErrorType.INVALID_RESULT),
                shows_nothing_of_ours,
            )
        ),
    ),
    _probe(
        "an-exit-that-does-not-exit-ends",
        "replace os._exit by nothing, then return",
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
        "a-process-that-changed-its-identity-ends",
        "replace os.getpid and the clocks, then return",
        "the result or an exit",
        (
            job("""
                import os, time
                def main():
                    time.monotonic = time.time = lambda: 0
                    os.getpid = lambda: 1
                    return {"returned": True}
                """),
        ),
        one_of(returns({"returned": True}), fails(ErrorType.EXIT)),
    ),
)
