"""The command `pyexec environments`."""

from dataclasses import asdict

import click

from python_executor.pyexec.display import Display
from python_executor.pyexec.service import Service, service_options
from python_executor.pyexec.text import escape, json_line


@click.command()
@click.option("--json", is_flag=True, help="Print a list of objects, as one line of JSON.")
@service_options(hidden=True)
@click.pass_obj
def environments(service: Service, json: bool) -> int:
    """List the environments, sets of packages that scripts can import."""
    with service.client() as client:
        found = client.environments()
    display = Display()
    if json:
        display.line(json_line([asdict(one) for one in found]))
        return 0
    for one in found:
        display.line(f"{escape(one.name)}: Python {escape(one.python)}")
        for package in one.packages:
            display.line(f"  {escape(package.name)} {escape(package.version)}")
    return 0
