"""One script to run, with all it needs."""

from dataclasses import dataclass, field
from typing import Any, Self

from jobs.limits import Limits


@dataclass(frozen=True, slots=True)
class Job:
    """A script that defines `main`, and what it is given.

    inputs: a JSON object, the keyword arguments of `main`.
    stdin: the text on the script's standard input.
    """

    script: str
    inputs: dict[str, Any] = field(default_factory=dict)
    stdin: str = ""
    limits: Limits = Limits()

    def to_wire(self) -> dict[str, Any]:
        """Return the job as a JSON object."""
        return {
            "script": self.script,
            "inputs": self.inputs,
            "stdin": self.stdin,
            "limits": self.limits.to_wire(),
        }

    @classmethod
    def from_wire(cls, wire: dict[str, Any]) -> Self:
        """Make a job of what `to_wire` returned."""
        return cls(
            script=wire["script"],
            inputs=wire["inputs"],
            stdin=wire["stdin"],
            limits=Limits.from_wire(wire["limits"]),
        )
