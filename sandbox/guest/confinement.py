"""The interface of a confinement: the steps of a runner that differ between sandboxes."""

import types
from collections.abc import Coroutine
from typing import Any, Protocol

#: Soft and hard limit by the name of the resource.
Limits = dict[str, list[int]]


class Confinement(Protocol):
    """The steps of a runner that differ between sandboxes, in the order in which it takes them."""

    def enter(self) -> list[str]:
        """Drop the privileges that can go before the job is known; return what was dropped, in words."""

    def limit(self, limits: Limits) -> None:
        """Set the job's limits. The script starts after this step."""

    def compile(self, script: str, filename: str) -> types.CodeType:
        """Compile the script."""

    def names(self) -> dict[str, Any]:
        """Return the names that the script's module holds before the script runs."""

    def complete(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run the coroutine of an `async def main` and return its result."""
