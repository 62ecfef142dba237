"""The confinement of a runner that has a jail around it."""

from __future__ import annotations

import resource

TYPE_CHECKING = False
if TYPE_CHECKING:
    import types
    from collections.abc import Coroutine
    from typing import Any

    from sandbox.guest.confinement import Limits


class Jailed:
    """Nothing to give up: the jail around the runner has taken it."""

    def enter(self) -> list[str]:
        """Give up nothing."""
        return []

    def limit(self, limits: Limits) -> None:
        """Set the job's limits."""
        set_limits(limits)

    def compile(self, script: str, filename: str) -> types.CodeType:
        """Compile the script as it is."""
        return compile(script, filename, "exec", dont_inherit=True)

    def names(self) -> dict[str, Any]:
        """Add nothing: the interpreter puts its own builtins there."""
        return {}

    def complete(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run the coroutine in an event loop."""
        import asyncio

        return asyncio.run(coroutine)


def set_limits(limits: Limits) -> None:
    """Set resource limits, for good."""
    for name, (soft, hard) in limits.items():
        resource.setrlimit(getattr(resource, name), (soft, hard))
