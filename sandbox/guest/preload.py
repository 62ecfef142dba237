"""The modules of the standard library that a zygote imports before its first job."""

import gc
import importlib
from typing import Final

#: Modules that scripts commonly import. Add only modules that take little memory and have no side effects:
#: each job maps and unmaps every page of them. Left out for that reason: dataclasses, which brings inspect
#: and ast; hashlib and uuid, which bring shared libraries.
_MODULES: Final = (
    "base64 bisect collections copy csv datetime decimal enum functools heapq io "
    "itertools json math operator os random re statistics string textwrap time traceback typing "
    "_strptime abc contextlib fractions linecache unicodedata"
).split()


def preload() -> None:
    """Import the modules."""
    for name in _MODULES:
        importlib.import_module(name)
    gc.collect()
