"""The command `pyexec run`."""

# Click keeps the line breaks of a paragraph that starts with the backspace character \b.
# ruff: noqa: D301

from typing import Unpack
from uuid import uuid4

import click

from python_executor.pyexec.ending_options import Ending, ending_options
from python_executor.pyexec.script_options import Given, make_script, script_options
from python_executor.pyexec.service import Service, service_options


class RunOptions(Given, Ending):
    """Values of the arguments and options."""


@click.command()
@script_options
@ending_options
@service_options(hidden=True)
@click.pass_obj
def run(service: Service, wait: float, **given: Unpack[RunOptions]) -> int:
    """Run a script and show its output as it is written.

    SCRIPT is a file, or - for standard input. Each ARGUMENT is one of the script's own; write -- before those
    that begin with a dash. Ctrl-C cancels the job.

    \b
    Exit codes, besides those of the script:
      1        the script raised an exception, or cannot run
      2        the command line or the request is wrong
      124      the script timed out
      125      the service failed, or a file was not saved
      130      the job was cancelled
      137      the script used too much memory
      128 + n  signal n ended the script

    \b
    Examples:
      pyexec run hello.py
      pyexec run report.py --file data.csv --artifact '*.png' --env data
      pyexec run task.py --input n=3 --input name=Ada --timeout 3
      pyexec run tool.py -- --verbose in.txt
      pyexec run -c 'print(2**100)'
      generate | pyexec run -
    """
    script = make_script(given)
    # These need the HTTP client, which a wrong option or a missing file does not.
    from python_executor.pyexec.running import Running  # noqa: PLC0415

    ending: Ending = {name: given[name] for name in Ending.__annotations__}  # type: ignore[assignment,literal-required]
    return Running(service, script, uuid4().hex, wait).run(ending)
