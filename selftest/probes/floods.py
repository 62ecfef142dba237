"""Floods of output: the first bytes are kept exactly, the rest is discarded at the cost of the job."""

# A script may have long lines.
# ruff: noqa: E501

from collections.abc import Sequence
from functools import partial
from typing import Final

from jobs.limits import OUTPUT_BYTES, Limits
from jobs.outcome import ErrorType, Outcome
from selftest.checks import all_of, ends_within, fails, prints, returns, truncates, uses_cpu
from selftest.probe import BOTH, Probe, job

_probe = partial(Probe, "floods")

#: What the outputs of the first probe begin with: blocks of 64 KB that differ.
_BLOCKS: Final = "".join(f"{number:08}" * 8192 for number in range(OUTPUT_BYTES // 65536 + 1))[:OUTPUT_BYTES]

#: Enough time for a slow machine: each short line is a system call.
_LIMITS: Final = Limits(timeout=20)


def _prints_short_lines(outcomes: Sequence[Outcome]) -> str | None:
    # Made here: every worker imports this module, and few run the probe.
    lines = "".join(f"{number:032}\n" for number in range(32_000))
    return prints(lines[:OUTPUT_BYTES])(outcomes)


PROBES: Final = (
    _probe(
        "flood-of-both-outputs-is-cut-exactly",
        "print 32 MB, alternately to stdout and stderr",
        "the result; the first 1 MB of each, marked as truncated; its CPU time counted",
        (
            job(
                """
                import sys
                def main():
                    for number in range(256):
                        print(f"{number:08}" * 8192, end="")
                        print(f"{number:08}" * 8192, end="", file=sys.stderr)
                    return {"printed": True}
                """,
                limits=_LIMITS,
            ),
        ),
        all_of(
            returns({"printed": True}),
            prints(_BLOCKS, _BLOCKS),
            truncates("stdout", OUTPUT_BYTES),
            truncates("stderr", OUTPUT_BYTES),
            uses_cpu(5),
        ),
        BOTH,
    ),
    _probe(
        "flood-of-short-lines-is-cut-exactly",
        "print 1.1 MB in lines of 33 bytes",
        "the result; the first 1 MB, marked as truncated; its CPU time counted",
        (
            job(
                "def main():\n    for number in range(35_000):\n        print(f'{number:032}')\n    return {'printed': True}",
                # Under gVisor on a busy machine, so many system calls take longer than the default.
                limits=Limits(timeout=30, cpu=30),
            ),
        ),
        all_of(
            returns({"printed": True}),
            _prints_short_lines,
            truncates("stdout", OUTPUT_BYTES),
            uses_cpu(5),
        ),
        BOTH,
    ),
    _probe(
        "flood-uses-up-the-cpu-limit",
        "write 64 KB for ever, in four processes",
        "timeout that names the CPU time",
        (
            job(
                """
                import os
                def main():
                    os.fork()
                    os.fork()
                    while True:
                        os.write(1, b"x" * 65536)
                        os.write(2, b"x" * 65536)
                """,
                limits=Limits(timeout=10, cpu=0.4),
            ),
        ),
        all_of(
            fails(ErrorType.TIMEOUT, message="CPU"),
            # Not that the output is truncated: a slow host writes little more than the cap within the limit.
            uses_cpu(400),
            ends_within(5000),
        ),
    ),
    _probe(
        "output-in-packets-is-exact",
        "try to set O_DIRECT on stdout, so that each read returns one byte; shrink the pipe to a page",
        "the result and every byte",
        (
            job("""
                import fcntl, os
                def main():
                    try:
                        fcntl.fcntl(1, fcntl.F_SETFL, os.O_WRONLY | os.O_DIRECT)
                    except OSError:
                        pass
                    fcntl.fcntl(1, 1031, 4096)
                    for number in range(16):
                        os.write(1, b"%x" % number)
                    return {"written": True}
                """),
        ),
        all_of(returns({"written": True}), prints("0123456789abcdef")),
    ),
)
