"""The mode of a job."""

from enum import StrEnum


class Mode(StrEnum):
    """How a script is run."""

    #: The service calls the script's `main` with the inputs, and keeps what it returns.
    MAIN = "main"
    #: The script runs from top to bottom, as `python script.py` would run it.
    PROGRAM = "program"
