"""The errors of validation.

    Exception
      Rejection      the script breaks a rule; the client must change it
      CheckFailure   the service could not check the script; the client may repeat the request

The API maps each of them to an HTTP answer (api/errors.py).
"""

from typing import Final

_MESSAGE_LENGTH: Final = 200


class Rejection(Exception):
    """The script breaks a rule.

    Attributes:
        type: syntax_error, missing_main, forbidden_import, forbidden_syntax or invalid_request.
        message: What the client should change, cut to 200 characters. Only missing_main has several lines.
        line: The line of the fault, counted from 1.
        column: The column of the fault in characters, counted from 1.
        name: The module for forbidden_import, the name for forbidden_syntax.
    """

    def __init__(
        self,
        type: str,
        message: str,
        line: int | None = None,
        column: int | None = None,
        name: str | None = None,
    ) -> None:
        message = message[:_MESSAGE_LENGTH]
        Exception.__init__(self, message)
        self.type = type
        self.message = message
        self.line = line
        self.column = column
        self.name = name


class CheckFailure(Exception):
    """The service could not check the script. The script is not at fault."""


def too_complex() -> Rejection:
    """Return the rejection of a script that exceeds what CPython's compiler can process within bounds."""
    return Rejection("syntax_error", "the script is too large or too deeply nested to compile")
