"""The part of the standard library that a slot has imported before its jobs come."""

import gc
import importlib
from typing import Final

#: What scripts commonly import. Only what is cheap in memory, and harmless to have imported: every
#: page of it is another to share and to let go, for each job.
_MODULES: Final = (
    "base64 bisect collections copy csv dataclasses datetime decimal enum functools hashlib heapq io "
    "itertools json math operator os random re statistics string textwrap time traceback typing uuid "
    "_strptime abc contextlib fractions linecache unicodedata"
).split()


def preload() -> None:
    """Import it."""
    for name in _MODULES:
        importlib.import_module(name)
    gc.collect()
