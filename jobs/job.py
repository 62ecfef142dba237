"""A job: one script to run, with its input and limits."""

from dataclasses import dataclass, field
from typing import Any

from jobs.limits import Limits


@dataclass(frozen=True, slots=True)
class Job:
    """A script that defines `main`, and its input.

    Attributes:
        script: Python source.
        inputs: A JSON object, the keyword arguments of `main`.
        stdin: The text on the script's standard input.
        limits: The limits of the script.
    """

    script: str
    inputs: dict[str, Any] = field(default_factory=dict)
    stdin: str = ""
    limits: Limits = Limits()
