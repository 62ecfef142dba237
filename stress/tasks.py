"""Tasks: scripts of several kinds, each with its expected outcome."""

from dataclasses import dataclass
from random import Random
from typing import Final

from python_executor import Execution, Script

_QUICK: Final = "def main(n):\n    return {'n': n, 'value': n * n + 1}"
_SLOW: Final = (
    "import time\ndef main(n, seconds):\n    time.sleep(seconds)\n    return {'n': n, 'value': n * n + 1}"
)
_PRINTS: Final = "def main(n):\n    print('job', n)\n    return {'n': n, 'value': n * n + 1}"
_RAISES: Final = "def main(n):\n    raise ValueError(f'job {n}')"
_EXITS: Final = "import sys\ndef main(n):\n    print('job', n)\n    sys.exit(n % 200 + 1)"

#: The weight of each kind, in percent.
_MIX: Final = {"quick": 40, "slow": 30, "prints": 15, "raises": 8, "exits": 7}

_SCRIPTS: Final = {"quick": _QUICK, "slow": _SLOW, "prints": _PRINTS, "raises": _RAISES, "exits": _EXITS}

#: The shortest and longest time of a slow task, and the timeout of all, which even a busy machine must meet.
_SECONDS: Final = (0.2, 1.5)
_TIMEOUT: Final = 20


@dataclass(frozen=True, slots=True)
class Task:
    """A script to submit.

    Attributes:
        number: The input `n` of the script.
        kind: A key of `_SCRIPTS`.
        path: The route to submit it to.
        seconds: How long a slow script sleeps.
    """

    number: int
    kind: str
    path: str
    seconds: float = 0.0

    @classmethod
    def draw(cls, number: int, random: Random) -> "Task":
        """Make a task of a random kind."""
        [kind] = random.choices(list(_MIX), list(_MIX.values()))
        seconds = round(random.uniform(*_SECONDS), 3) if kind == "slow" else 0.0
        return cls(number, kind, random.choice(("/jobs", "/execute")), seconds)

    def script(self) -> Script:
        """Return the script."""
        inputs = {"n": self.number} | ({"seconds": self.seconds} if self.kind == "slow" else {})
        return Script(source=_SCRIPTS[self.kind], inputs=inputs, timeout=_TIMEOUT)

    def check(self, execution: Execution) -> str | None:
        """Describe how the job's outcome differs from the expected one, or return None."""
        error = execution.error
        kind, message = (error.type, error.message) if error else (None, None)
        seen = (execution.result, execution.stdout, kind, message)
        value = {"n": self.number, "value": self.number**2 + 1}
        printed = f"job {self.number}\n"
        expected = {
            "quick": (value, "", None, None),
            "slow": (value, "", None, None),
            "prints": (value, printed, None, None),
            "raises": (None, "", "exception", f"ValueError: job {self.number}"),
            "exits": (None, printed, "exit", message),
        }[self.kind]
        if self.kind == "exits" and execution.exit_code != self.number % 200 + 1:
            return f"{self.kind}: {seen}"
        return None if seen == expected else f"{self.kind}: {seen} instead of {expected}"
