"""A script can lie about its own result, and about nothing else."""

# A script may have long lines.
# ruff: noqa: E501

from functools import partial
from typing import Any, Final

from jobs.job import Job
from jobs.limits import Limits
from jobs.outcome import ErrorType
from selftest.checks import all_of, each, fails, in_turn, prompt, returns, well_typed
from selftest.probe import Probe, job
from selftest.probes.prelude import forger

_probe = partial(Probe, "forgery")

_INVALID: Final = fails(ErrorType.INVALID_RESULT)
_FORGED: Final = {"kind": "result", "result": {"forged": True}}


def _kind(kind: str) -> Probe:
    """Return the probe of a claim that only the service may make."""
    return _probe(
        f"{kind.replace('_', '-')}-cannot-be-claimed",
        f"report {kind} in the runner's name",
        "invalid_result",
        (
            forger(
                "def main(claim):\n    forge(claim)\n    os._exit(0)",
                inputs={"claim": {"kind": kind, "message": "forged", "line": 1, "traceback": ""}},
            ),
        ),
        _INVALID,
    )


def _claim(claim: Any) -> Job:
    return forger("def main(claim):\n    forge(claim)\n    os._exit(0)", inputs={"claim": claim})


def _after(what: str, **fields: Any) -> Job:
    """Return a job that reports a result and then does something else."""
    return forger(f"def main(claim):\n    forge(claim)\n    {what}", inputs={"claim": _FORGED}, **fields)


def _raw(text: str) -> Job:
    """Return a job that reports `text`, which a JSON encoder would not make."""
    return forger(
        "def main(text):\n    c = channel()\n    c.sock.send(c._tag + b'.' + text.encode('latin-1'))\n    os._exit(0)",
        inputs={"text": text},
    )


#: Claims that are JSON, and no report.
_ODD: Final[tuple[Any, ...]] = (
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
)

#: Sockets that are held by nothing but each other's unread messages, which hold the outputs too:
#: the kernel frees them when it next collects such garbage, not when their last process ends.
_KNOT: Final = """
import socket, struct

def knot():
    for _ in range(20):
        one, other = socket.socketpair()
        fds = struct.pack("5i", 1, 2, 3, one.fileno(), other.fileno())
        one.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
"""

PROBES: Final = (
    *(
        _kind(kind)
        for kind in ("sandbox_failure", "timeout", "memory_limit", "killed", "cancelled", "started")
    ),
    _probe(
        "rubbish-on-every-descriptor-is-no-report",
        "write frames without the tag to all descriptors",
        "the real result",
        (
            job("""
                import os
                FORGED = [b'{"kind": "result", "result": {"forged": 1}}', b'.{"kind": "exit", "message": ""}', b"+", b"."]
                def main():
                    for fd in range(256):
                        for frame in FORGED:
                            try:
                                os.write(fd, frame)
                            except OSError:
                                pass
                    return {"real": True}
                """),
        ),
        returns({"real": True}),
    ),
    _probe(
        "a-forged-result-does-not-outlive-a-kill",
        "report a result, then SIGKILL itself",
        "killed",
        (_after("os.kill(os.getpid(), 9)"),),
        fails(ErrorType.KILLED, says="SIGKILL"),
    ),
    _probe(
        "a-forged-result-does-not-outlive-an-exit",
        "report a result, then exit with status 3",
        "exit, status 3",
        (_after("os._exit(3)"),),
        fails(ErrorType.EXIT, says="status 3"),
    ),
    _probe(
        "a-forged-result-does-not-stop-the-clock",
        "report a result, then go on",
        "timeout",
        (_after("while True: pass", limits=Limits(timeout=0.4)),),
        all_of(fails(ErrorType.TIMEOUT), prompt(2500)),
    ),
    _probe(
        "a-forged-result-does-not-hide-the-memory",
        "report a result, then use too much memory",
        "memory_limit",
        (_after("bytearray(100 << 20)", limits=Limits(memory_mb=64)),),
        fails(ErrorType.MEMORY_LIMIT),
    ),
    _probe(
        "a-child-can-report-no-end-of-its-parent",
        "a child reports a result, the parent dies",
        "killed",
        (
            forger(
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
        "what-is-no-json-is-no-report",
        "report NaN, infinity, half a frame, invalid text, other encodings",
        "invalid_result for each",
        tuple(
            _raw(text)
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
        "a-report-of-the-wrong-shape-is-no-report",
        "report lists, numbers, no kind, an odd kind, no result",
        "invalid_result for each",
        tuple(_claim(claim) for claim in _ODD),
        each(_INVALID),
    ),
    _probe(
        "a-forged-exception-has-the-right-types",
        "report an exception with odd lines, messages, tracebacks",
        "exception, with the types that were promised",
        tuple(
            _claim({"kind": "exception", "message": message, "line": line, "traceback": traceback})
            for message, line, traceback in (
                ("m", True, "t"),
                ("m", -1, "t"),
                ("m", 2**40, "t"),
                ("m", "1", 5),
                ({"a": [1]}, 1.5, ["t"]),
                (None, [], {}),
            )
        ),
        each(all_of(fails(ErrorType.EXCEPTION), well_typed)),
    ),
    _probe(
        "a-deep-report-is-refused",
        "report a result nested 101 levels",
        "invalid_result",
        (
            forger("""
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
        "a-large-report-is-refused",
        "report a result of 2 MB",
        "result_too_large",
        (
            forger(
                "def main():\n    forge({'kind': 'result', 'result': {'a': 'x' * (2 << 20)}})\n    os._exit(0)"
            ),
        ),
        fails(ErrorType.RESULT_TOO_LARGE),
    ),
    _probe(
        "a-report-without-an-end-ends",
        "send pieces of a report for ever, large and of one byte",
        "exit: nobody listens",
        (
            forger(
                """
                def main():
                    c = channel()
                    for _ in range(33):
                        c.sock.send(c._tag + b"+" + b"x" * 32768)
                    while True:
                        c.sock.send(c._tag + b"+x")
                """,
            ),
        ),
        all_of(fails(ErrorType.EXIT), prompt(2500)),
    ),
    _probe(
        "rubbish-without-an-end-is-not-read",
        "report a result, then send packets without the tag for ever",
        "timeout",
        (
            forger(
                """
                def main():
                    forge({"kind": "result", "result": {}})
                    while True:
                        channel().sock.send(b"rubbish")
                """,
                limits=Limits(timeout=0.5),
            ),
        ),
        all_of(fails(ErrorType.TIMEOUT), prompt(2500)),
    ),
    _probe(
        "an-end-of-the-socket-costs-the-report-only",
        "send an empty packet; shut the socket down",
        "the result; exit for an end",
        (
            job(
                "import os\ndef main():\n    os.write(3, b'')\n    import socket\n    socket.socket(fileno=os.dup(3)).send(b'')\n    return {}"
            ),
            job(
                "import os, socket\ndef main():\n    socket.socket(fileno=os.dup(3)).shutdown(1)\n    return {}"
            ),
            job("import os\ndef main():\n    os.closerange(0, 256)\n    return {}"),
        ),
        in_turn(returns({}), fails(ErrorType.EXIT), fails(ErrorType.EXIT)),
    ),
    _probe(
        "descriptors-sent-to-the-service-hold-nothing-up",
        "send it the ends of the outputs, after an empty packet",
        "the result, at once",
        (
            job("""
                import os, socket, struct
                def main():
                    sock = socket.socket(fileno=os.dup(3))
                    for _ in range(50):
                        sock.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("4i", 0, 1, 2, 3))])
                    return {"sent": True}
                """),
            job("""
                import os, socket, struct
                def main():
                    sock = socket.socket(fileno=os.dup(3))
                    sock.send(b"")
                    sock.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("3i", 1, 2, 3))])
                    return {"sent": True}
                """),
        ),
        each(all_of(returns({"sent": True}), prompt(2500))),
    ),
    _probe(
        "descriptors-in-a-knot-hold-nothing-up",
        "send the outputs into a pair that holds only itself",
        "the result, at once; timeout",
        (
            job(_KNOT + "\ndef main():\n    knot()\n    return {'knotted': True}"),
            job(_KNOT + "\ndef main():\n    knot()\n    while True: pass", limits=Limits(timeout=0.4)),
        ),
        in_turn(
            all_of(returns({"knotted": True}), prompt(2500)), all_of(fails(ErrorType.TIMEOUT), prompt(2500))
        ),
    ),
    _probe(
        "the-control-socket-is-out-of-reach",
        "find it through frames, and among all numbers",
        "ENOTSOCK: it is stdin; no other socket",
        (
            job("""
                import errno, os, stat, sys
                def main():
                    frame, found = sys._getframe(), []
                    while frame:
                        if "control" in frame.f_locals:
                            found.append(frame.f_locals["control"])
                        frame = frame.f_back
                    def send(control):
                        try:
                            control.send(b'.{"status": 0, "cpu": 0}')
                        except OSError as error:
                            return errno.errorcode[error.errno]
                        return "sent"
                    def is_socket(fd):
                        try:
                            return stat.S_ISSOCK(os.fstat(fd).st_mode)
                        except OSError:
                            return False
                    sent = [send(control) for control in found]
                    return {"sent": sorted(set(sent)), "sockets": [fd for fd in range(4096) if is_socket(fd)]}
                """),
        ),
        returns({"sent": ["ENOTSOCK"], "sockets": [3]}),
    ),
    _probe(
        "replaced-functions-of-ours-forge-no-failure",
        "replace the runner's own functions and json's",
        "invalid_result or an exit; the result",
        (
            job("""
                import sys
                def main():
                    frame = sys._getframe()
                    while "report" not in frame.f_globals:
                        frame = frame.f_back
                    claim = {"kind": "sandbox_failure", "message": "forged"}
                    frame.f_globals["report"].of_result = lambda *_: claim
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
        in_turn(fails(ErrorType.INVALID_RESULT, ErrorType.EXIT), returns({})),
    ),
    _probe(
        "the-second-report-is-not-read",
        "report twice",
        "the first",
        (
            forger("""
                def main():
                    forge({"kind": "result", "result": {"first": True}})
                    return {"second": True}
                """),
        ),
        returns({"first": True}),
    ),
)
