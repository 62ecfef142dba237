"""The command `pyexec doctor`."""

import os
from dataclasses import asdict
from typing import Final

import click

from python_executor.pyexec import exit_code
from python_executor.pyexec.display import Display
from python_executor.pyexec.service import Service, service_options
from python_executor.pyexec.text import escape, json_line
from python_executor.settings import URL_VARIABLE

_COLOURS: Final = {"ok": "green", "warning": "yellow", "failed": "red"}


@click.command()
@click.option("--json", is_flag=True, help="Print one object, as one line of JSON.")
@service_options(hidden=True)
@click.pass_obj
def doctor(service: Service, json: bool) -> int:
    """Check that the service works from here.

    Each check that fails says what to do. The last check runs a small script. The exit code is 0 if it ran.
    """
    settings = service.settings()
    from python_executor.pyexec.diagnosis import diagnose  # noqa: PLC0415

    display, findings = Display(), []
    for finding in diagnose(settings, _source(service)):
        findings.append(finding)
        if not json:
            status = finding.status.ljust(7)
            shown = click.style(status, fg=_COLOURS[finding.status]) if display.colour else status
            display.line(f"{shown}  {finding.name:<9}  {escape(finding.found)}")
            if finding.mend:
                display.line(f"{'':20}→ {escape(finding.mend)}")
    ran = any(finding.name == "run" and finding.status == "ok" for finding in findings)
    if json:
        display.line(json_line({"ran": ran, "findings": [asdict(finding) for finding in findings]}))
    return 0 if ran else exit_code.FAILED


def _source(service: Service) -> str:
    if service.url:
        return "--url"
    return URL_VARIABLE if os.environ.get(URL_VARIABLE) else "the default"
