"""The entry point of validation for the restricted executor."""

from validation import script as every_script
from validation.restricted.rules import check_restricted


def validate(script: str, *, needs_main: bool = True) -> None:
    """Check the script as every script, then hold it to the restricted executor's language.

    Args:
        script: The source text.
        needs_main: Whether the service calls the script's `main`.

    Raises:
        Rejection: The script breaks a rule.
        CheckFailure: The script could not be checked.
    """
    every_script.validate(script, extra_rule=check_restricted, needs_main=needs_main)
