"""Output is captured, capped and never a reason to wait."""

# A script may have long lines.
# ruff: noqa: E501

from functools import partial
from typing import Final

from jobs.limits import OUTPUT_BYTES, Limits
from jobs.outcome import ErrorType
from selftest.checks import all_of, fails, prints, prompt, returns, truncates
from selftest.probe import BOTH, Probe, job

_probe = partial(Probe, "output")

PROBES: Final = (
    _probe(
        "a-flood-of-stdout-is-cut",
        "print 20 MB",
        "1 MB kept, truncated, and the result",
        (
            job(
                "def main():\n    for _ in range(20):\n        print('x' * (1 << 20))\n    return {'printed': True}"
            ),
        ),
        all_of(returns({"printed": True}), truncates("stdout", OUTPUT_BYTES)),
        BOTH,
    ),
    _probe(
        "a-flood-of-stderr-is-cut",
        "write 20 MB to stderr",
        "1 MB kept, truncated, and the result",
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
        "an-endless-flood-ends",
        "print for ever",
        "timeout, 1 MB kept",
        (job("def main():\n    while True:\n        print('x' * 65536)", limits=Limits(timeout=0.5)),),
        all_of(fails(ErrorType.TIMEOUT), truncates("stdout", OUTPUT_BYTES), prompt(2500)),
        BOTH,
    ),
    _probe(
        "a-flood-from-children-ends",
        "four children that write to both outputs for ever, and return",
        "the result, at once",
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
        all_of(returns({"returned": True}), prompt(3000)),
    ),
    _probe(
        "bytes-that-are-no-text-are-kept-as-text",
        "write invalid UTF-8 and zero bytes",
        "replacement characters",
        (job("import os\ndef main():\n    os.write(1, b'\\xff\\xc3\\0(')\n    return {'written': True}"),),
        all_of(returns({"written": True}), prints("\ufffd\ufffd\0(")),
    ),
    _probe(
        "closed-outputs-break-nothing",
        "close stdin, stdout, stderr by number and by name",
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
        "replaced-outputs-break-nothing",
        "put objects that raise where the streams were",
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
        "an-output-that-hangs-ends",
        "a stdout whose flush never returns",
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
        all_of(fails(ErrorType.TIMEOUT), prompt(2500)),
    ),
    _probe(
        "a-pipe-made-large-or-impatient-breaks-nothing",
        "F_SETPIPE_SZ and O_NONBLOCK on the outputs, then flood",
        "the result, and no more than 1 MB kept",
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
                            written += os.write(1, bytes(65536))
                        except BlockingIOError:
                            pass
                    return {"returned": True}
                """),
        ),
        all_of(returns({"returned": True}), truncates("stdout", OUTPUT_BYTES)),
    ),
    _probe(
        "a-flood-of-packets-is-cut-off",
        "100,000 packets of rubbish to the job's socket",
        "exit: nobody listens",
        (
            job("""
                import os
                def main():
                    for number in range(100_000):
                        os.write(3, b"x" * (number % 100 + 1))
                    return {"returned": True}
                """),
        ),
        all_of(fails(ErrorType.EXIT), prompt(2500)),
    ),
    _probe(
        "an-unread-stdin-breaks-nothing",
        "leave 1 MB of stdin where it is",
        "the result",
        (job("def main():\n    return {'returned': True}", stdin="x" * (1 << 20)),),
        returns({"returned": True}),
        BOTH,
    ),
)
