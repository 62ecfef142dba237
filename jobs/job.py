"""A job: one script to run, with its environment, mode, input and limits."""

from dataclasses import dataclass, field
from typing import Any

from jobs.environment import STDLIB
from jobs.files import File
from jobs.limits import Limits
from jobs.mode import Mode


@dataclass(frozen=True, slots=True)
class Job:
    """A script and its input.

    Attributes:
        script: Python source.
        inputs: A JSON object, the keyword arguments of `main`. Empty in mode `program`.
        stdin: The text on the script's standard input.
        limits: The limits of the script.
        mode: How the script is run.
        argv: The arguments of a program, `sys.argv[1:]`. Empty in mode `main`.
        environment: The name of the environment whose packages the script can import.
        files: The files in the working folder when the script starts.
        artifacts: Patterns of the files to keep after the script has ended; see jobs/patterns.py.
        stream: Whether clients can read the output while the script runs.
    """

    script: str
    inputs: dict[str, Any] = field(default_factory=dict)
    stdin: str = ""
    limits: Limits = Limits()
    mode: Mode = Mode.MAIN
    argv: tuple[str, ...] = ()
    environment: str = STDLIB
    files: tuple[File, ...] = ()
    artifacts: tuple[str, ...] = ()
    stream: bool = False
