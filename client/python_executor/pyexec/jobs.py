"""The commands about jobs that were submitted: `status`, `cancel`, `list`."""

# Click keeps the line breaks of a paragraph that starts with the backspace character \b.
# ruff: noqa: D301

from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Final

import click

from python_executor import errors
from python_executor.pyexec import exit_code
from python_executor.pyexec.display import Display
from python_executor.pyexec.service import Service, service_options
from python_executor.pyexec.table import table
from python_executor.pyexec.text import escape, json_line

if TYPE_CHECKING:
    from python_executor.execution import Execution

#: The statuses of jobs.
STATUSES: Final = ("queued", "running", "succeeded", "failed", "cancelled")


@click.command()
@click.argument("job_id", metavar="ID")
@click.option("--json", is_flag=True, help="Print the job object, as one line of JSON.")
@service_options(hidden=True)
@click.pass_obj
def status(service: Service, job_id: str, json: bool) -> int:
    """Show what became of a job. The exit code is 0, also if the script failed."""
    from python_executor.pyexec.job_object import job_object  # noqa: PLC0415

    with service.client() as client:
        execution = client.get(job_id)
    Display().line(json_line(job_object(execution)) if json else _describe(execution))
    return 0


@click.command()
@click.argument("job_ids", metavar="ID...", nargs=-1, required=True)
@service_options(hidden=True)
@click.pass_obj
def cancel(service: Service, job_ids: tuple[str, ...]) -> int:
    """Cancel jobs, also running ones. The exit code is 1 if one of them had already ended."""
    display, code = Display(), 0
    with service.client() as client:
        for job_id in job_ids:
            try:
                client.cancel(job_id)
            except errors.RequestRefused as refused:
                display.message(f"job {job_id}: {refused}")
                code = max(code, exit_code.of_error(refused))
            else:
                display.line(f"{escape(job_id)} is cancelled")
    return code


@click.command("list")
@click.option(
    "--status",
    "statuses",
    type=click.Choice(STATUSES),
    multiple=True,
    help="Only jobs with this status. Can be repeated.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    metavar="N",
    help="List at most N jobs.",
)
@click.option("--json", is_flag=True, help="Print a list of job objects, as one line of JSON.")
@service_options(hidden=True)
@click.pass_obj
def list_jobs(service: Service, statuses: tuple[str, ...], limit: int, json: bool) -> int:
    """List your jobs, the newest first.

    \b
    Examples:
      pyexec list --status queued --status running
      pyexec list --limit 100 --json
    """
    from python_executor.pyexec.job_object import job_object  # noqa: PLC0415

    with service.client() as client:
        executions = list(islice(client.list(*statuses), limit))
    if json:
        Display().line(json_line([job_object(one) for one in executions]))
    else:
        rows = [(one.id, str(one.status), _time(one.created_at), _error(one)) for one in executions]
        Display().line(table(("ID", "STATUS", "CREATED", "ERROR"), rows))
    return 0


def _describe(execution: "Execution") -> str:
    usage = execution.usage
    facts = {
        "id": execution.id,
        "status": str(execution.status),
        "error": _error(execution),
        "exit code": execution.exit_code,
        "environment": execution.environment,
        "sandbox": execution.sandbox,
        "created": _time(execution.created_at),
        "queued": None if usage.queued_ms is None else f"{usage.queued_ms:.0f} ms",
        "wall time": None if usage.wall_ms is None else f"{usage.wall_ms:.0f} ms",
        "CPU time": None if usage.cpu_ms is None else f"{usage.cpu_ms:.0f} ms",
        "memory": None if usage.memory_peak_bytes is None else f"{usage.memory_peak_bytes / 2**20:.1f} MB",
        "artifacts": ", ".join(one.path for one in execution.artifacts),
    }
    given = {name: value for name, value in facts.items() if value not in (None, "")}
    return "\n".join(f"{name:<13}{escape(str(value))}" for name, value in given.items())


def _error(execution: "Execution") -> str:
    error = execution.error
    return f"{error.type}: {error.message}" if error else ""


def _time(value: datetime | None) -> str:
    return f"{value:%Y-%m-%d %H:%M:%S} UTC" if value else ""
