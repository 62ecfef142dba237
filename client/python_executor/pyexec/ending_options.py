"""The options that say what to do when a job has ended, which `run` and `wait` share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypedDict, TypeVar

import click

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

#: Seconds for which the client waits by default, time in the queue included.
WAIT: Final = 300.0


class Ending(TypedDict):
    """Values of the options."""

    json: bool
    folder: Path
    overwrite: bool


_OPTIONS: Final = (
    click.option(
        "-o",
        "--output",
        "folder",
        type=click.Path(file_okay=False, path_type=Path),
        default=".",
        show_default=True,
        metavar="DIR",
        help="Save the artifacts here; the folder is made if it is not there.",
    ),
    click.option("--overwrite", is_flag=True, help="Let artifacts replace files that are there."),
    click.option(
        "--wait",
        type=click.FloatRange(min=0, min_open=True),
        default=WAIT,
        show_default=True,
        metavar="SECONDS",
        help="Give up waiting after this time; the job goes on.",
    ),
    click.option("--json", is_flag=True, help="Print only the job object, as one line of JSON, at the end."),
)


def ending_options(command: Decorated) -> Decorated:
    """Add the options to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
