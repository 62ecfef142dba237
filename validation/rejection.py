"""Why a script will not be run."""

from typing import Final

_MESSAGE_LENGTH: Final = 200


class Rejection(Exception):
    """A script that will not be run.

    type: syntax_error, missing_main, forbidden_import or invalid_request.
    message: one line.
    line, column: where, in characters, counted from 1.
    name: the module, for forbidden_import.
    """

    def __init__(
        self,
        type: str,
        message: str,
        line: int | None = None,
        column: int | None = None,
        name: str | None = None,
    ) -> None:
        message = " ".join(message.split())[:_MESSAGE_LENGTH]
        super().__init__(message)
        self.type = type
        self.message = message
        self.line = line
        self.column = column
        self.name = name


class CheckFailure(Exception):
    """The service could not check a script. The script is not at fault; the request may be repeated."""


def too_complex() -> Rejection:
    """Return the rejection of a script that CPython's compiler cannot manage within bounds."""
    return Rejection("syntax_error", "the script is too large or too deeply nested to compile")
