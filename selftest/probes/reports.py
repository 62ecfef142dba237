"""Forged reports: a script can forge its own result or exception, and no other outcome."""

# A script may have long lines.
# ruff: noqa: E501

from functools import partial
from typing import Any, Final

from jobs.job import Job
from jobs.limits import Limits
from jobs.mode import Mode
from jobs.outcome import ErrorType
from selftest.checks import all_of, each, ends_within, fails, has_typed_error, in_order, returns
from selftest.probe import Probe, job
from selftest.probes.scripts import forge_job

_probe = partial(Probe, "reports")

_INVALID: Final = fails(ErrorType.INVALID_RESULT)
_FORGED: Final = {"kind": "result", "result": {"forged": True}}


def _forge(claim: Any) -> Job:
    """Return a job that reports `claim` and exits."""
    return forge_job("def main(claim):\n    forge(claim)\n    os._exit(0)", inputs={"claim": claim})


def _forged_kind(kind: str) -> Probe:
    """Return the probe of a report of a kind that only the service may report."""
    return _probe(
        f"{kind.replace('_', '-')}-cannot-be-forged",
        f"report {kind} over the runner's channel",
        "invalid_result",
        (_forge({"kind": kind, "message": "forged", "line": 1, "traceback": ""}),),
        _INVALID,
    )


def _forge_then(statement: str, **fields: Any) -> Job:
    """Return a job that reports a result and then runs `statement`."""
    return forge_job(
        f"def main(claim):\n    forge(claim)\n    {statement}", inputs={"claim": _FORGED}, **fields
    )


def _forge_raw(text: str) -> Job:
    """Return a job that reports `text` unchanged, without a JSON encoder."""
    return forge_job(
        "def main(text):\n    c = channel()\n    c.sock.send(c._tag + b'.' + text.encode('latin-1'))\n    os._exit(0)",
        inputs={"text": text},
    )


def _program(claim: Any, statement: str = "os._exit(0)", **fields: Any) -> Job:
    """Return a program that reports `claim` and then runs `statement`."""
    return forge_job(f"forge({claim!r})\n{statement}", mode=Mode.PROGRAM, **fields)


#: Reports that are JSON and have the wrong shape.
_MALFORMED: Final[tuple[Any, ...]] = (
    [],
    3,
    "text",
    {},
    {"kind": None},
    {"kind": ["result"]},
    {"kind": {"a": 1}},
    {"kind": "result"},
    {"kind": "result", "result": None},
    {"kind": "result", "result": [1]},
    {"kind": "exception"},
    {"kind": "exit"},
    {"kind": "exit", "code": 256, "message": "m"},
    {"kind": "exit", "code": "0", "message": "m"},
    {"kind": "end"},
)

PROBES: Final = (
    *(
        _forged_kind(kind)
        for kind in ("sandbox_failure", "timeout", "memory_limit", "killed", "cancelled", "started")
    ),
    _probe(
        "forged-result-does-not-override-a-kill",
        "report a result, then send itself SIGKILL",
        "killed",
        (_forge_then("os.kill(os.getpid(), 9)"),),
        fails(ErrorType.KILLED, message="SIGKILL"),
    ),
    _probe(
        "forged-result-does-not-override-an-exit",
        "report a result, then exit with status 3",
        "exit, status 3",
        (_forge_then("os._exit(3)"),),
        fails(ErrorType.EXIT, message="status 3"),
    ),
    _probe(
        "forged-result-does-not-override-a-timeout",
        "report a result, then loop for ever",
        "timeout",
        (_forge_then("while True: pass", limits=Limits(timeout=0.4)),),
        all_of(fails(ErrorType.TIMEOUT), ends_within(2500)),
    ),
    _probe(
        "forged-result-does-not-override-memory-limit",
        "report a result, then allocate 100 MB, of 64",
        "memory_limit",
        (_forge_then("bytearray(100 << 20)", limits=Limits(memory_mb=64)),),
        fails(ErrorType.MEMORY_LIMIT),
    ),
    _probe(
        "child-report-does-not-override-a-kill",
        "report a result in a child, then kill the parent",
        "killed",
        (
            forge_job(
                """
                def main(claim):
                    if os.fork() == 0:
                        forge(claim)
                        os._exit(0)
                    os.wait()
                    os.kill(os.getpid(), 9)
                """,
                inputs={"claim": _FORGED},
            ),
        ),
        fails(ErrorType.KILLED),
    ),
    _probe(
        "invalid-json-reports-are-refused",
        "report NaN, infinity, half a frame, invalid UTF-8",
        "invalid_result for each",
        tuple(
            _forge_raw(text)
            for text in (
                '{"kind": "result", "result": {"a": NaN}}',
                '{"kind": "result", "result": {"a": -Infinity}}',
                '{"kind": "result", "result": {"a": 1e999}}',
                '{"kind": "result", "result": {"a": ' + "1" * 5000 + "}}",
                '{"kind": "result", "result": {"a": 1}',
                '{"kind": "result", "result": {"a": "\xff\xfe"}}',
                "\xff\xfe{\0}\0",
                "",
                "null",
                "[" * 30_000,
            )
        ),
        each(_INVALID),
    ),
    _probe(
        "malformed-reports-are-refused",
        "report lists, numbers, no kind, an odd kind, no result",
        "invalid_result for each",
        tuple(_forge(claim) for claim in _MALFORMED),
        each(_INVALID),
    ),
    _probe(
        "forged-exceptions-have-the-promised-types",
        "report an exception with odd lines, messages, tracebacks",
        "exception, its fields of the promised types",
        tuple(
            _forge({"kind": "exception", "message": message, "line": line, "traceback": traceback})
            for message, line, traceback in (
                ("m", True, "t"),
                ("m", -1, "t"),
                ("m", 2**40, "t"),
                ("m", "1", 5),
                ({"a": [1]}, 1.5, ["t"]),
                (None, [], {}),
            )
        ),
        each(all_of(fails(ErrorType.EXCEPTION), has_typed_error)),
    ),
    _probe(
        "deeply-nested-report-is-refused",
        "report a result nested 101 levels",
        "invalid_result",
        (
            forge_job("""
                def main():
                    result = {}
                    for _ in range(101):
                        result = {"a": result}
                    forge({"kind": "result", "result": result})
                    os._exit(0)
                """),
        ),
        _INVALID,
    ),
    _probe(
        "large-report-is-refused",
        "report a result of 2 MB",
        "result_too_large",
        (
            forge_job(
                "def main():\n    forge({'kind': 'result', 'result': {'a': 'x' * (2 << 20)}})\n    os._exit(0)"
            ),
        ),
        fails(ErrorType.RESULT_TOO_LARGE),
    ),
    _probe(
        "replaced-runner-functions-forge-no-sandbox-failure",
        "replace functions of the runner and of json",
        "invalid_result or exit; the result",
        (
            job("""
                import gc
                def main():
                    gc.unfreeze()
                    claim = {"kind": "sandbox_failure", "message": "forged"}
                    found = [thing for thing in gc.get_objects() if type(thing) is dict and "of_result" in thing]
                    found[0]
                    for names in found: names["of_result"] = lambda *_: claim
                    return {}
                """),
            job("""
                import json
                def main():
                    json.dumps = lambda *_, **__: '{"kind": "sandbox_failure", "message": "forged"}'
                    json.loads = lambda *_, **__: {}
                    return {}
                """),
        ),
        in_order(fails(ErrorType.INVALID_RESULT, ErrorType.EXIT), returns({})),
    ),
    _probe(
        "program-cannot-forge-a-report-of-main",
        "report a result, its size, main in a program",
        "invalid_result for each",
        tuple(
            _program(claim)
            for claim in (
                _FORGED,
                {"kind": "result_too_large", "size": 2 << 20},
                {"kind": "main_not_callable", "message": "forged"},
                {"kind": "exit", "code": -1, "message": "forged"},
            )
        ),
        each(_INVALID),
    ),
    _probe(
        "forged-end-does-not-override-the-end-of-a-program",
        "report the end, then exit with 3, be killed, loop for ever",
        "exit, status 3; killed; timeout",
        (
            _program({"kind": "end"}, "os._exit(3)"),
            _program({"kind": "end"}, "os.kill(os.getpid(), 9)"),
            _program({"kind": "end"}, "while True: pass", limits=Limits(timeout=0.4)),
        ),
        in_order(
            fails(ErrorType.EXIT, message="status 3"), fails(ErrorType.KILLED), fails(ErrorType.TIMEOUT)
        ),
    ),
    _probe(
        "second-report-is-ignored",
        "report twice",
        "the first",
        (
            forge_job("""
                def main():
                    forge({"kind": "result", "result": {"first": True}})
                    return {"second": True}
                """),
        ),
        returns({"first": True}),
    ),
)
