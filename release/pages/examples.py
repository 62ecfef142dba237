"""The examples, as the playground offers them."""

import ast
import json
from pathlib import Path
from typing import Any, Final

#: Where the playground reads them.
PATH: Final = Path("playground/examples.json")


def examples_json(folder: Path) -> str:
    """Return the contents of the file that the playground reads.

    Args:
        folder: The folder `examples`.
    """
    examples = [_example(path) for path in sorted(folder.glob("*.py"))]
    return json.dumps(examples, ensure_ascii=False, separators=(",", ":")) + "\n"


def _example(path: Path) -> dict[str, Any]:
    script = path.read_text("utf-8")
    about = json.loads(path.with_suffix(".json").read_text("utf-8"))
    request = about["request"]
    return {
        "name": path.stem,
        "title": ast.get_docstring(ast.parse(script)),
        "needs": {"environment": request.get("environment", "stdlib"), "sandboxes": about["sandboxes"]},
        "submission": {"script": script, "mode": "main", **request},
    }
