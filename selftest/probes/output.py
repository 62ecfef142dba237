"""Output: the sandbox captures it up to a limit, and it never delays the outcome."""

# A script may have long lines.
# ruff: noqa: E501

from functools import partial
from typing import Final

from jobs.limits import OUTPUT_BYTES, Limits
from jobs.outcome import ErrorType
from selftest.checks import all_of, ends_within, fails, prints, returns, truncates
from selftest.probe import BOTH, Probe, job

_probe = partial(Probe, "output")

PROBES: Final = (
    _probe(
        "stdout-is-truncated",
        "print 20 MB",
        "the result; 1 MB kept, marked as truncated",
        (
            job(
                "def main():\n    for _ in range(20):\n        print('x' * (1 << 20))\n    return {'printed': True}"
            ),
        ),
        all_of(returns({"printed": True}), truncates("stdout", OUTPUT_BYTES)),
        BOTH,
    ),
    _probe(
        "stderr-is-truncated",
        "write 20 MB to stderr",
        "the result; 1 MB kept, marked as truncated",
        (
            job("""
                import sys
                def main():
                    for _ in range(20):
                        sys.stderr.write("x" * (1 << 20))
                    return {"printed": True}
                """),
        ),
        all_of(returns({"printed": True}), truncates("stderr", OUTPUT_BYTES)),
        BOTH,
    ),
    _probe(
        "endless-output-times-out",
        "print for ever",
        "timeout, 1 MB kept",
        (job("def main():\n    while True:\n        print('x' * 65536)", limits=Limits(timeout=0.5)),),
        all_of(fails(ErrorType.TIMEOUT), truncates("stdout", OUTPUT_BYTES), ends_within(2500)),
        BOTH,
    ),
    _probe(
        "output-of-children-does-not-delay-the-result",
        "return while four children write for ever",
        "the result within 3 s",
        (
            job("""
                import os
                def main():
                    for _ in range(4):
                        if os.fork() == 0:
                            os.setsid()
                            while True:
                                os.write(1, bytes(65536))
                                os.write(2, bytes(65536))
                    return {"returned": True}
                """),
        ),
        all_of(returns({"returned": True}), ends_within(3000)),
    ),
    _probe(
        "invalid-utf-8-is-replaced",
        "write invalid UTF-8 and zero bytes",
        "replacement characters",
        (job("import os\ndef main():\n    os.write(1, b'\\xff\\xc3\\0(')\n    return {'written': True}"),),
        all_of(returns({"written": True}), prints("\ufffd\ufffd\0(")),
    ),
    _probe(
        "closed-streams-do-not-fail-the-job",
        "close stdin, stdout and stderr",
        "the result",
        (
            job("""
                import os, sys
                def main():
                    sys.stdout.close()
                    sys.stdin.close()
                    os.close(2)
                    return {"returned": True}
                """),
        ),
        returns({"returned": True}),
    ),
    _probe(
        "replaced-streams-do-not-fail-the-job",
        "replace the streams by objects that raise",
        "the result",
        (
            job("""
                import sys
                class Evil:
                    def __getattr__(self, name): raise SystemExit(name)
                def main():
                    sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = Evil()
                    return {"returned": True}
                """),
        ),
        returns({"returned": True}),
    ),
    _probe(
        "hanging-flush-times-out",
        "replace stdout by an object whose flush never returns",
        "timeout",
        (
            job(
                """
                import sys
                class Hangs:
                    def flush(self):
                        while True: pass
                def main():
                    sys.stdout = Hangs()
                    return {"returned": True}
                """,
                limits=Limits(timeout=0.5),
            ),
        ),
        all_of(fails(ErrorType.TIMEOUT), ends_within(2500)),
    ),
    _probe(
        "changed-pipe-settings-do-not-fail-the-job",
        "set F_SETPIPE_SZ and O_NONBLOCK on the outputs; write 4 MB",
        "the result; 1 MB kept",
        (
            job("""
                import fcntl, os
                def main():
                    for fd in (1, 2):
                        try:
                            fcntl.fcntl(fd, 1031, 1 << 20)
                        except OSError:
                            pass
                        os.set_blocking(fd, False)
                    written = 0
                    while written < 4 << 20:
                        try:
                            written += os.write(1, b'.' * 65536)
                        except BlockingIOError:
                            pass
                    return {"returned": True}
                """),
        ),
        all_of(returns({"returned": True}), truncates("stdout", OUTPUT_BYTES)),
    ),
    _probe(
        "packet-flood-is-cut-off",
        "send 100,000 untagged packets to the job's socket",
        "exit: the worker closes the socket",
        (
            job("""
                import os
                def main():
                    for number in range(100_000):
                        os.write(3, b"x" * (number % 100 + 1))
                    return {"returned": True}
                """),
        ),
        all_of(fails(ErrorType.EXIT), ends_within(2500)),
    ),
    _probe(
        "unread-stdin-does-not-fail-the-job",
        "return without reading 1 MB of stdin",
        "the result",
        (job("def main():\n    return {'returned': True}", stdin="x" * (1 << 20)),),
        returns({"returned": True}),
        BOTH,
    ),
)
