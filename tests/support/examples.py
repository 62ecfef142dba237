"""The examples as requests, with the answers that the service must give."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobs.files import File
from jobs.job import Job
from jobs.mode import Mode
from jobs.outcome import SandboxKind
from tests.support.checkout import ROOT

_FOLDER = ROOT / "examples"


@dataclass(frozen=True)
class Example:
    """One example.

    Attributes:
        name: The name of its files.
        script: The script.
        request: The other fields of the request.
        answer: Fields of the answer, with the values they must have.
        sandboxes: The sandboxes that can run it.
    """

    name: str
    script: str
    request: dict[str, Any]
    answer: dict[str, Any]
    sandboxes: frozenset[SandboxKind]

    @property
    def mode(self) -> Mode:
        """How the script is run."""
        return Mode(self.request.get("mode", Mode.MAIN))

    @property
    def job(self) -> Job:
        """The job that the service makes of it."""
        files = tuple(File(file["path"], file["content"].encode()) for file in self.request.get("files", ()))
        lists = {field: tuple(self.request.get(field, ())) for field in ("argv", "artifacts")}
        return Job(self.script, **self.request | lists | {"mode": self.mode, "files": files})


def _read(path: Path) -> Example:
    about = json.loads(path.with_suffix(".json").read_text("utf-8"))
    kinds = frozenset(SandboxKind(kind) for kind in about["sandboxes"])
    return Example(path.stem, path.read_text("utf-8"), about["request"], about["answer"], kinds)


EXAMPLES = [_read(path) for path in sorted(_FOLDER.glob("*.py"))]
