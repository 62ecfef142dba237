"""What is imported and tried out once, so that no job has to wait for it."""

import gc
import importlib
import json
from typing import Final

#: What scripts commonly import. Only what is cheap in memory, and harmless to have imported.
_MODULES: Final = (
    "base64 bisect collections copy csv dataclasses datetime decimal enum functools hashlib heapq io "
    "itertools json math operator os random re statistics string textwrap time traceback typing uuid "
    "_strptime abc asyncio contextlib fractions linecache unicodedata"
).split()

_TRIAL: Final = "def main(a, b=2):\n    class C:\n        pass\n    return {'a': [a, b, 'x', 1.5]}\n"


def preload() -> None:
    """Import the common modules, and freeze what is there: a fork then shares its pages for good."""
    for name in _MODULES:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()


def rehearse() -> None:
    """Compile, call and report a trial: a fork then has the pages that a job will write to."""
    names: dict[str, object] = {}
    exec(compile(_TRIAL, "trial", "exec", dont_inherit=True), names)  # noqa: S102
    json.loads(json.dumps(names["main"](1), allow_nan=False))  # type: ignore[operator]
