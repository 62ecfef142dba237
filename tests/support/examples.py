"""The examples, as requests with the answers they must get."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobs.outcome import SandboxKind
from tests.support.checkout import ROOT

_FOLDER = ROOT / "examples"


@dataclass(frozen=True)
class Example:
    """One example: a script, what it is given, what it must answer, and where it runs."""

    name: str
    script: str
    request: dict[str, Any]
    answer: dict[str, Any]
    sandboxes: frozenset[SandboxKind]


def _read(path: Path) -> Example:
    about = json.loads(path.with_suffix(".json").read_text("utf-8"))
    kinds = frozenset(SandboxKind(kind) for kind in about["sandboxes"])
    return Example(path.stem, path.read_text("utf-8"), about["request"], about["answer"], kinds)


EXAMPLES = [_read(path) for path in sorted(_FOLDER.glob("*.py"))]
