"""What keeps a runner in: the jail around it, or what it gives up by itself."""

import types
from collections.abc import Coroutine
from typing import Any, Protocol

#: Soft and hard limit by the name of the resource.
Limits = dict[str, list[int]]


class Confinement(Protocol):
    """The steps of a runner that differ between the sandboxes, in the order they are taken."""

    def enter(self) -> list[str]:
        """Give up what can be given up before the job is known; return what was, in words."""

    def limit(self, limits: Limits) -> None:
        """Set the job's limits; after this comes the script."""

    def compile(self, script: str, filename: str) -> types.CodeType:
        """Compile the script."""

    def names(self) -> dict[str, Any]:
        """Return what the script's module holds before it is run."""

    def complete(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Return what an `async def main` returns."""
