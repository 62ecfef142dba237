"""The confinement of a runner in a fresh jail."""

from __future__ import annotations

import builtins
import posix
import resource
import sys

from sandbox.guest import warmup
from sandbox.guest.report import FILE
from sandbox.guest.script import main_block

TYPE_CHECKING = False
if TYPE_CHECKING:
    import types
    from collections.abc import Coroutine
    from typing import Any, Final

    from sandbox.guest.confinement import Limits


#: The folder of the script's file, which is also the working folder.
_FOLDER: Final = FILE.rpartition("/")[0]

_SourceLoader: Final[Any] = sys.modules["_frozen_importlib_external"].SourceFileLoader


class Jailed:
    """Drops nothing: nsjail has dropped everything before the runner started."""

    def enter(self) -> list[str]:
        """Drop nothing; run a sample, so that the job does not wait for what a first run does."""
        warmup.run_small_sample(self)
        return []

    def limit(self, limits: Limits) -> None:
        """Set the job's limits."""
        set_limits(limits)

    def place(self, script: str) -> None:
        """Write the script to its file, and let it import from the folder of that file. Raises OSError."""
        file = posix.open(FILE, posix.O_WRONLY | posix.O_CREAT | posix.O_EXCL, 0o644)
        data = script.encode("utf-8", "surrogatepass")
        if posix.write(file, data) != len(data):
            raise OSError("the file of the script was cut off")
        posix.close(file)
        sys.path.insert(0, _FOLDER)

    def compile(self, script: str, filename: str, *, skips_main_block: bool) -> types.CodeType:
        """Compile the script."""
        source: Any = script
        if skips_main_block and main_block.MAIN in script:
            source = main_block.parse(script, filename)
            main_block.skip(source)
        code: types.CodeType = compile(source, filename, "exec", dont_inherit=True)
        return code

    def names(self) -> dict[str, Any]:
        """Return the names that the interpreter gives the module of a program's file."""
        return {"__builtins__": builtins, "__loader__": _SourceLoader("__main__", FILE)}

    def complete(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run the coroutine in an event loop."""
        import asyncio

        return asyncio.run(coroutine)


def set_limits(limits: Limits) -> None:
    """Set resource limits. The hard limits cannot be raised again."""
    for name, (soft, hard) in limits.items():
        resource.setrlimit(getattr(resource, name), (soft, hard))
