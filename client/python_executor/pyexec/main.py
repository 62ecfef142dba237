"""The command `pyexec`."""

# Click keeps the line breaks of a paragraph that starts with the backspace character \b.
# ruff: noqa: D301

import os
import sys

import click

from python_executor.errors import PythonExecutorError
from python_executor.pyexec import exit_code
from python_executor.pyexec.completion import completion
from python_executor.pyexec.display import Display
from python_executor.pyexec.doctor import doctor
from python_executor.pyexec.environments import environments
from python_executor.pyexec.fault import describe
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
    """Run Python scripts safely, by a python-executor service.

    The options below may also stand after the command.

    \b
    Examples:
      pyexec run script.py --input n=3 --timeout 3
      pyexec run -c 'print(2**100)'
      pyexec doctor
    """
    context.ensure_object(Service)


for _command in (run, submit, status, wait, cancel, list_jobs, environments, doctor, mcp, completion):
    pyexec.add_command(_command)


def main() -> None:
    """Run the command and exit."""
    sys.exit(_run())


def _run() -> int:
    try:
        return int(pyexec.main(prog_name="pyexec", standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return exit_code.CANCELLED
    except PythonExecutorError as error:
        Display().message(describe(error))
        return exit_code.of_error(error)
    except BrokenPipeError:
        # What is left in the buffer would fail again when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return exit_code.PIPE
    except OSError as error:
        Display().message(f"the output cannot be written: {error.strerror}")
        return exit_code.FAULT


if __name__ == "__main__":
    main()
