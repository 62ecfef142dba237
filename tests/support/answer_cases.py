"""Scripts with the answer that the service must give, one file each in tests/acceptance/answers.

A script begins with comment lines `# name: value`. All but the first three values are JSON.

    source              the public report that the script comes from
    note                what a reader should know
    sandboxes           the sandboxes that must give the answer; without it, all
    mode, environment, argv, stdin, inputs, limits
                        fields of the request
    error.type          a field of the answer, with its value; `status_code` is one too
    stdout has          texts that a field of the answer must contain
    usage.memory_peak_bytes between
                        the least and the greatest value of a field

Without an expected field the answer must be what plain Python gives.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.support.checkout import ROOT

_FOLDER: Final = ROOT / "tests/acceptance/answers"
_HEAD: Final = re.compile(r"# ([a-z_.]+(?: has| between)?): (.+)")
_REQUEST: Final = ("mode", "environment", "argv", "stdin", "inputs", "limits")
_WORDS: Final = ("source", "note")

#: The sandboxes that a case can name: nsjail with each isolation, and the restricted executor.
SANDBOXES: Final = ("slot", "fresh", "restricted")


@dataclass(frozen=True, eq=False)
class Case:
    """A script and its answer.

    Attributes:
        name: The path of its file, without the suffix.
        script: The text of the file.
        request: The other fields of the request.
        sandboxes: The sandboxes that must give the answer.
        expected: The expected fields by name; none if plain Python gives the answer.
    """

    name: str
    script: str
    request: dict[str, Any]
    sandboxes: tuple[str, ...]
    expected: dict[str, Any]

    @property
    def is_program(self) -> bool:
        """Whether the script runs from top to bottom, without a call of `main`."""
        return bool(self.request.get("mode") == "program")

    @property
    def has_packages(self) -> bool:
        """Whether the script runs with the packages of an environment."""
        return "environment" in self.request


def _read(path: Path) -> Case:
    script = path.read_bytes().decode("utf-8")
    request: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    sandboxes = SANDBOXES
    for line in script.removeprefix("\ufeff").split("\n"):
        if not (found := _HEAD.fullmatch(line)):
            break
        name, value = found.groups()
        if name == "sandboxes":
            sandboxes = tuple(value.split())
            assert set(sandboxes) <= set(SANDBOXES), f"{path}: {line}"
        elif name not in _WORDS:
            try:
                (request if name in _REQUEST else expected)[name] = json.loads(value)
            except ValueError as error:
                raise AssertionError(f"{path}: {line}: {error}") from None
    return Case(str(path.relative_to(_FOLDER).with_suffix("")), script, request, sandboxes, expected)


CASES: Final = [_read(path) for path in sorted(_FOLDER.rglob("*.py"))]
