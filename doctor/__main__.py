"""The command line of the doctor: `python -m doctor`, which `python-executor doctor` starts."""

import argparse
import logging
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import closing
from typing import Final

from doctor import catalogue, check, report
from doctor.check import Check
from doctor.checks import settings
from doctor.finding import Finding

_DESCRIPTION: Final = "Examine this host: what it can isolate, what it lacks, and which command mends it."

_EXAMPLES: Final = """\
examples:
  python-executor doctor
  sudo python-executor doctor                   as root, if the worker runs as root
  REDIS_URL=redis://10.0.0.5:6379/0 python-executor doctor --json
  python-executor doctor --only redis
  docker run --rm --privileged --user 0 python-executor-worker doctor

It exits with 0 if a jail ran here and no check failed, else with 1.
docs/how-to/doctor.md explains each finding.
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the checks and print their findings; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python-executor doctor",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="run only the checks with these findings")
    asked = parser.parse_args(arguments)
    # A signal unwinds the stack, so that the running check ends and removes what it made.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    # A check says in its finding what a worker would log.
    logging.disable()
    findings: list[Finding] = []
    checks = catalogue.checks(*settings.read(), findings)
    names = [name for one in checks for name in (one.name, *one.others)]
    only = set(asked.only or names)
    if unknown := sorted(only - set(names)):
        parser.error(f"no finding is named {', '.join(unknown)}; there are {', '.join(names)}")
    chosen = [one for one in checks if only & {one.name, *one.others}]
    try:
        _examine(chosen, findings, None if asked.json else report.Table.on(sys.stdout))
        if asked.json:
            print(report.as_json(findings), flush=True)
    except BrokenPipeError:
        # The reader, such as `head`, has gone. Python would report the rest of the output at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return report.exit_status(findings)


def _examine(checks: Sequence[Check], findings: list[Finding], table: report.Table | None) -> None:
    """Run the checks; add each finding to the list and to the table as it comes."""
    progress = report.Progress(sys.stderr)
    for one in checks:
        progress.show(one.name)
        try:
            # The check runs on while its findings are read. closing() ends it if a signal comes meanwhile.
            with closing(check.run(one)) as found:
                for finding in found:
                    findings.append(finding)
                    if table:
                        progress.hide()
                        table.add(finding)
                        progress.show(one.name)
        finally:
            progress.hide()
    if table:
        table.end(findings)


if __name__ == "__main__":
    sys.exit(main())
