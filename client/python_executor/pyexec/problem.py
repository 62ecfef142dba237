"""Errors that the command itself finds."""

from typing import IO, Any

import click

from python_executor.pyexec.display import Display


class Problem(click.ClickException):
    """The arguments are wrong. The command prints one line and ends with `exit_code`."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:  # noqa: ARG002
        """Print the message."""
        Display().message(self.message)
