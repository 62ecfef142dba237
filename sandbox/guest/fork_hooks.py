"""The hooks that preloaded packages have registered with `os.register_at_fork`.

A zygote does not fork by `os.fork`: the hooks of the standard library reset locks that only threads could
hold, and the kernel must copy each page that they write to.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from sandbox.guest import kernel

_KINDS: Final = ("before", "after_in_parent", "after_in_child")


class ForkHooks:
    """Notes the hooks of packages and runs them around a fork."""

    def __init__(self) -> None:
        """Know no hook."""
        self._hooks: dict[str, list[Callable[[], Any]]] = {kind: [] for kind in _KINDS}

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Note the hooks that packages register in this block. `os.fork` of a script runs them too."""
        register = os.register_at_fork

        def note(**hooks: Callable[[], Any]) -> None:
            register(**hooks)
            module = str(sys._getframe(1).f_globals.get("__name__"))
            if module.partition(".")[0] not in sys.stdlib_module_names:
                for kind, hook in hooks.items():
                    self._hooks[kind].append(hook)

        os.register_at_fork = note  # type: ignore[assignment]
        try:
            yield
        finally:
            os.register_at_fork = register

    def fork(self) -> int:
        """Fork with the hooks, in the order of `os.fork`; return the child's pid, and 0 in the child."""
        _call(reversed(self._hooks["before"]))
        pid = kernel.fork()
        _call(self._hooks["after_in_parent" if pid else "after_in_child"])
        return pid


def _call(hooks: Iterable[Callable[[], Any]]) -> None:
    for hook in hooks:
        # os.fork would print the error and go on. Here it would be printed to the output of a job.
        with suppress(Exception):
            hook()
