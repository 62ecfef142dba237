"""What is done once, so that no job has to wait for it."""

import contextlib
import gc
import importlib
import os
import resource
import sys
from collections.abc import Callable
from typing import Any, Final

from sandbox.guest.report import SCRIPT

#: What scripts commonly import. Only what is cheap in memory, and harmless to have imported: every
#: page of it is another to share and to let go, for each job.
_MODULES: Final = (
    "base64 bisect collections copy csv dataclasses datetime decimal enum functools hashlib heapq io "
    "itertools json math operator os random re statistics string textwrap time traceback typing uuid "
    "_random _strptime abc contextlib fractions linecache unicodedata"
).split()


class Preloaded:
    """The common modules, imported."""

    def __init__(self) -> None:
        """Import them, and keep the hooks for forks that they would have called in every fork of ours."""
        self._hooks: list[dict[str, Callable[[], Any]]] = []
        register, os.register_at_fork = os.register_at_fork, lambda **hooks: self._hooks.append(hooks)
        try:
            modules = {name: importlib.import_module(name) for name in _MODULES}
        finally:
            os.register_at_fork = register
        # What the hook of `random` does, in fewer steps.
        self._roll = modules["functools"].partial(
            modules["_random"].Random.seed, modules["random"].seed.__self__
        )
        gc.collect()

    def part(self) -> None:
        """Make a fork differ from the next where it must: no two roll the same dice, nor their own forks."""
        self._roll()
        for hooks in self._hooks:
            os.register_at_fork(**hooks)


def settle() -> None:
    """Do once what each fork would have to do for itself; what is there is shared for good."""
    for stream in (sys.stdout, sys.stderr):
        # By lines: what was printed before a kill must not die in a buffer.
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    # Our modules are out of the script's sight (tidiness; it is no defence).
    for name in [name for name in sys.modules if name.split(".")[0] == "sandbox"]:
        del sys.modules[name]
    sys.argv = [SCRIPT]
    # No dump is made at 1; at 0 the kernel still starts a helper as root where core_pattern is a pipe
    # (man 5 core).
    with contextlib.suppress(ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (1, 1))
    gc.freeze()
