"""The confinement of a restricted runner: the kernel's lock-down, and a language with guards."""

import importlib
import os
import time
import types
from collections.abc import Coroutine
from typing import Any, Final

from sandbox.guest.confinement import Limits
from sandbox.guest.jailed import Jailed, set_limits
from sandbox.guest.restricted import lockdown
from sandbox.guest.restricted.language import Language

#: What a script that no guard holds back would reach for: there, so that the kernel is put to the test.
_DANGEROUS: Final = (
    "ctypes",
    "fcntl",
    "mmap",
    "os",
    "resource",
    "signal",
    "socket",
    "subprocess",
    "threading",
)

#: What a report of an exception takes.
_TRACEBACKS: Final = ("linecache", "os", "traceback")


class Restricted:
    """What a runner gives up where no jail takes it."""

    def __init__(self, language: bool = True) -> None:
        """Import all a script may use. language: guard it, too; the kernel's part is never left out."""
        self._language = Language() if language else None
        for name in (*_TRACEBACKS, *(() if language else _DANGEROUS)):
            importlib.import_module(name)
        self._reserved = 0
        # Without a name that is a file to look for: no file can be opened later.
        os.environ["TZ"] = "UTC0"
        time.tzset()

    def enter(self) -> list[str]:
        """Give up identity, namespaces and files; return what was given up."""
        self._reserved = lockdown.address_space()
        return lockdown.enter()

    def limit(self, limits: Limits) -> None:
        """Set the job's limits, then let the kernel refuse everything but computing.

        RLIMIT_AS comes as bytes of memory to use, and is set with what the process has only reserved.
        """
        limits["RLIMIT_AS"] = [value + self._reserved for value in limits["RLIMIT_AS"]]
        set_limits(limits)
        lockdown.lock()

    def compile(self, script: str, filename: str) -> types.CodeType:
        """Compile the script, with guards."""
        return (self._language or Jailed()).compile(script, filename)

    def names(self) -> dict[str, Any]:
        """Return the builtins of the script."""
        return {"__builtins__": self._language.builtins()} if self._language else {}

    def complete(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run the coroutine without an event loop, which would need descriptors; it cannot wait."""
        try:
            coroutine.send(None)
        except StopIteration as end:
            return end.value
        coroutine.close()
        raise RuntimeError("there is nothing to wait for in the restricted executor")
