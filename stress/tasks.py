"""Tasks: scripts that each end in their own way, and how each must end."""

from dataclasses import dataclass
from random import Random
from typing import Any, Final

_QUICK: Final = "def main(n):\n    return {'n': n, 'value': n * n + 1}"
_SLOW: Final = (
    "import time\ndef main(n, seconds):\n    time.sleep(seconds)\n    return {'n': n, 'value': n * n + 1}"
)
_PRINTS: Final = "def main(n):\n    print('job', n)\n    return {'n': n, 'value': n * n + 1}"
_RAISES: Final = "def main(n):\n    raise ValueError(f'job {n}')"
_EXITS: Final = "import sys\ndef main(n):\n    print('job', n)\n    sys.exit(n % 200 + 1)"

#: How many in a hundred are of each kind.
_MIX: Final = {"quick": 40, "slow": 30, "prints": 15, "raises": 8, "exits": 7}

_SCRIPTS: Final = {"quick": _QUICK, "slow": _SLOW, "prints": _PRINTS, "raises": _RAISES, "exits": _EXITS}

#: The least and most seconds a slow one takes, and the most any may: a busy machine is no reason to fail.
_SECONDS: Final = (0.2, 1.5)
_TIMEOUT: Final = 20


@dataclass(frozen=True, slots=True)
class Task:
    """A script to submit, told its number. path: where. seconds: how long it sleeps."""

    number: int
    kind: str
    path: str
    seconds: float = 0.0

    @classmethod
    def draw(cls, number: int, random: Random) -> "Task":
        """Make a task of any kind."""
        [kind] = random.choices(list(_MIX), list(_MIX.values()))
        seconds = round(random.uniform(*_SECONDS), 3) if kind == "slow" else 0.0
        return cls(number, kind, random.choice(("/jobs", "/execute")), seconds)

    def body(self) -> dict[str, Any]:
        """Return what is posted."""
        inputs = {"n": self.number} | ({"seconds": self.seconds} if self.kind == "slow" else {})
        return {"script": _SCRIPTS[self.kind], "inputs": inputs, "limits": {"timeout": _TIMEOUT}}

    def wrong(self, job: dict[str, Any]) -> str | None:
        """Say what is wrong with how the job ended, None where nothing is."""
        error = job["error"] or {}
        seen = (job["result"], job["stdout"], error.get("type"), error.get("message"))
        value = {"n": self.number, "value": self.number**2 + 1}
        printed = f"job {self.number}\n"
        expected = {
            "quick": (value, "", None, None),
            "slow": (value, "", None, None),
            "prints": (value, printed, None, None),
            "raises": (None, "", "exception", f"ValueError: job {self.number}"),
            "exits": (None, printed, "exit", error.get("message")),
        }[self.kind]
        if self.kind == "exits" and str(self.number % 200 + 1) not in str(error.get("message")):
            return f"{self.kind}: {seen}"
        return None if seen == expected else f"{self.kind}: {seen} instead of {expected}"
