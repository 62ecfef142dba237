"""The command `pyexec submit`."""

# Click keeps the line breaks of a paragraph that starts with the backspace character \b.
# ruff: noqa: D301

from typing import Unpack

import click

from python_executor.pyexec.display import Display
from python_executor.pyexec.script_options import Given, make_script, script_options
from python_executor.pyexec.service import Service, service_options


@click.command()
@script_options
@click.option("--stream", is_flag=True, help="Let `pyexec wait` show the output while the script runs.")
@service_options(hidden=True)
@click.pass_obj
def submit(service: Service, stream: bool, **given: Unpack[Given]) -> int:
    """Queue a script and print the id of its job.

    \b
    Examples:
      job=$(pyexec submit long.py --timeout 30)
      pyexec wait "$job"
    """
    script = make_script(given)
    with service.client() as client:
        Display().line(client.submit(script, stream=stream).id)
    return 0
