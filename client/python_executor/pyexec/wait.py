"""The command `pyexec wait`."""

# Click keeps the line breaks of a paragraph that starts with the backspace character \b.
# ruff: noqa: D301

from typing import Unpack

import click

from python_executor.pyexec import exit_code
from python_executor.pyexec.display import Display
from python_executor.pyexec.ending_options import Ending, ending_options
from python_executor.pyexec.interrupts import Interrupted, Interrupts
from python_executor.pyexec.service import Service, service_options


@click.command()
@click.argument("job_id", metavar="ID")
@ending_options
@service_options(hidden=True)
@click.pass_obj
def wait(service: Service, job_id: str, wait: float, **ending: Unpack[Ending]) -> int:
    """Wait for a job, then print and exit as `run`.

    If the job was submitted with --stream, its output is shown while it runs. Ctrl-C stops waiting, and
    the job goes on.

    \b
    Examples:
      pyexec wait 5f0c6f1b8f8f4d0e9a0f6f3b1c2d3e4f --output results
    """
    from python_executor.pyexec.ending import end  # noqa: PLC0415
    from python_executor.pyexec.following import Following  # noqa: PLC0415

    display = Display()
    following = Following(display, service.settings().url, quiet=ending["json"])
    with Interrupts(), service.client() as client:
        try:
            execution = following.follow(client.follow(job_id, wait=wait))
            return end(display, execution, **ending)
        except Interrupted as interrupted:
            ended = following.status and following.status.final
            display.message("interrupted" if ended else f"interrupted; job {job_id} goes on")
            return interrupted.exit_code
        except BrokenPipeError:
            return exit_code.PIPE
        except OSError as error:
            display.message(f"the output cannot be written: {error.strerror}")
            return exit_code.FAULT
