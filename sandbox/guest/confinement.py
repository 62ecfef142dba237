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
        """Set the job's limits."""

    def place(self, script: str) -> None:
        """Put the script where it and its tracebacks look for its source.

        The script starts after this step.
        """

    def compile(self, script: str, filename: str, *, skips_main_block: bool) -> types.CodeType:
        """Compile the script.

        Args:
            script: The script.
            filename: Its file name in tracebacks.
            skips_main_block: Whether to leave out the blocks under `if __name__ == "__main__":`.
        """

    def names(self) -> dict[str, Any]:
        """Return the names that the script's module holds before the script runs."""

    def complete(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run the coroutine of an `async def main` and return its result."""
