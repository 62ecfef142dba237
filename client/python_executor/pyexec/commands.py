"""The commands of `pyexec`."""

# Click keeps the line breaks of a paragraph that starts with the backspace character \b.
# ruff: noqa: D301

import click

from python_executor.pyexec.completion import completion
from python_executor.pyexec.doctor import doctor
from python_executor.pyexec.environments import environments
from python_executor.pyexec.jobs import cancel, list_jobs, status
from python_executor.pyexec.mcp import mcp
from python_executor.pyexec.run import run
from python_executor.pyexec.service import Service, service_options
from python_executor.pyexec.submit import submit
from python_executor.pyexec.wait import wait


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@service_options(hidden=False)
@click.version_option(package_name="python-executor-client")
@click.pass_context
def pyexec(context: click.Context) -> None:
    """Run Python scripts in the sandbox of a python-executor service.

    The options below can also follow the command.

    \b
    Examples:
      pyexec run script.py --input n=3 --timeout 3
      pyexec run -c 'print(2**100)'
      pyexec doctor
    """
    context.ensure_object(Service)


for _command in (run, submit, status, wait, cancel, list_jobs, environments, doctor, mcp, completion):
    pyexec.add_command(_command)
