"""The code blocks of a document, run one after the other, with their output."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from tests.support.checkout import ROOT
from tests.support.documents import OUTPUT, RUN, Block, Document

#: The port in the documents.
PORT: Final = "8080"

#: The longest that the blocks of a page may take, in seconds.
_WITHIN: Final = 90

_MARK: Final = "=== block"

#: Fields of a job object whose values differ from run to run.
_VARYING: Final = {"id", "created_at", "started_at", "finished_at"}


@dataclass(frozen=True)
class Example:
    """A block that is run, and the block that shows its output, if there is one."""

    block: Block
    output: Block | None


def examples(page: Document) -> list[Example]:
    """Return the blocks of a page that are run."""
    return [
        Example(block, after if after and after.language in OUTPUT and not after.shown else None)
        for block, after in zip_longest(page.blocks, page.blocks[1:])
        if block.language in RUN and not block.shown
    ]


def run(found: list[Example], port: int, environment: Mapping[str, str]) -> list[str]:
    """Run the blocks in one shell, in order, against the service at a port; return the output of each.

    The client is installed, as is `pyexec`, and PYTHON_EXECUTOR_URL names the service.
    """
    script = ["set -euo pipefail", f"python() {{ {sys.executable} -I -; }}"]
    for number, example in enumerate(found):
        text = example.block.text.replace(PORT, str(port))
        if example.block.language == "python":
            text = f"python <<'END'\n{text}END\n"
        script.append(f"printf '{_MARK} %d\\n' {number}\n{text}printf '\\n'")
    with TemporaryDirectory() as folder:
        done = subprocess.run(
            ["bash", "-c", "\n".join(script)],
            cwd=ROOT,
            env={
                # Last, so that python3 is the machine's own.
                "PATH": f"{os.environ['PATH']}:{Path(sys.executable).parent}",
                "HOME": os.environ.get("HOME", "/"),
                "TMPDIR": folder,
                "PYTHON_EXECUTOR_URL": f"http://127.0.0.1:{port}",
                **environment,
            },
            capture_output=True,
            check=False,
            text=True,
            timeout=_WITHIN,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    outputs = [part.partition("\n")[2].removesuffix("\n") for part in done.stdout.split(_MARK)[1:]]
    assert len(outputs) == len(found)
    return outputs


def differences(example: Example, output: str) -> str | None:
    """Describe how the output of a block differs from the shown output; return None if it does not."""
    shown = example.output
    if shown is None:
        return None
    if shown.language == "text":
        same = output == shown.text
    else:
        same = comparable(json.loads(output)) == comparable(json.loads(shown.text))
    return None if same else f"line {shown.line} shows\n{shown.text}\nbut the output is\n{output}"


def comparable(answer: Any) -> Any:
    """Return an answer without the values that differ from run to run."""
    if not isinstance(answer, dict) or not answer.keys() >= _VARYING:
        return answer
    assert all(isinstance(answer[name], str | None) for name in _VARYING)
    assert all(isinstance(value, int | float | None) for value in answer["usage"].values())
    return {name: value for name, value in answer.items() if name not in _VARYING} | {
        "usage": sorted(answer["usage"])
    }
