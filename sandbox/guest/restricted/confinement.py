"""The confinement of a restricted runner: the kernel's lock-down, and a guarded language."""

import asyncio
import importlib
import os
import sys
import time
import types
from collections.abc import Coroutine
from typing import Any, Final

from sandbox.guest import report
from sandbox.guest.confinement import Limits
from sandbox.guest.jailed import Jailed, set_limits
from sandbox.guest.restricted import event_loop, lockdown
from sandbox.guest.restricted.language import Language

#: Modules that an unguarded script would use to escape. They are imported to test the kernel's layer alone.
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

#: Modules that the report of an exception needs.
_TRACEBACKS: Final = ("linecache", "os", "traceback")


class Restricted:
    """Confines a runner that has no jail around it."""

    def __init__(self, language: bool = True) -> None:
        """Import every module that a script may use.

        Args:
            language: Whether to guard the language too. The kernel's lock-down always applies.
        """
        for name in (*_TRACEBACKS, *(() if language else _DANGEROUS)):
            importlib.import_module(name)
        event_loop.install()
        sys.excepthook = sys.__excepthook__ = _show_exception
        # Last, because it seals the process.
        self._language = Language() if language else None
        self._address_space = 0
        # A time zone that needs no file: no file can be opened later.
        os.environ["TZ"] = "UTC0"
        time.tzset()

    def enter(self) -> list[str]:
        """Drop identity, namespaces and files; return what was dropped."""
        self._address_space = lockdown.address_space()
        return lockdown.enter()

    def limit(self, limits: Limits) -> None:
        """Set the job's limits, then lock the process down.

        RLIMIT_AS in `limits` is the memory that the job may add. The address space that the process has so
        far is added to it: the interpreter and the library, whose pages all runners share.
        """
        limits["RLIMIT_AS"] = [value + self._address_space for value in limits["RLIMIT_AS"]]
        set_limits(limits)
        lockdown.lock()
        if self._language:
            self._language.start()

    def place(self, script: str) -> None:
        """Remember the lines of the script: there is no file to read them from."""
        report.remember_lines(script)

    def compile(self, script: str, filename: str, *, skips_main_block: bool) -> types.CodeType:
        """Compile the script with guards."""
        if not self._language:
            return Jailed().compile(script, filename, skips_main_block=skips_main_block)
        return self._language.compile(script, filename, skips_main_block=skips_main_block)

    def names(self) -> dict[str, Any]:
        """Return the builtins of the script."""
        return {"__builtins__": self._language.builtins()} if self._language else {}

    def complete(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run the coroutine in an event loop without sockets and threads."""
        return asyncio.run(coroutine)


def _show_exception(_kind: type[BaseException], error: BaseException, _trace: object) -> None:
    """Print an uncaught exception with the script's lines, which no file holds, and without host paths."""
    shown = report.of_exception(error)
    sys.stderr.write(shown["traceback"] or f"{shown['message']}\n")
