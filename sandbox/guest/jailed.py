"""The confinement of a runner in a fresh jail."""

from __future__ import annotations

import resource

TYPE_CHECKING = False
if TYPE_CHECKING:
    import types
    from collections.abc import Coroutine
    from typing import Any

    from sandbox.guest.confinement import Limits


class Jailed:
    """Drops nothing: nsjail has dropped everything before the runner started."""

    def enter(self) -> list[str]:
        """Drop nothing."""
        return []

    def limit(self, limits: Limits) -> None:
        """Set the job's limits."""
        set_limits(limits)

    def compile(self, script: str, filename: str) -> types.CodeType:
        """Compile the script unchanged."""
        return compile(script, filename, "exec", dont_inherit=True)

    def names(self) -> dict[str, Any]:
        """Return no names: the interpreter adds its own builtins."""
        return {}

    def complete(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run the coroutine in an event loop."""
        import asyncio

        return asyncio.run(coroutine)


def set_limits(limits: Limits) -> None:
    """Set resource limits. The hard limits cannot be raised again."""
    for name, (soft, hard) in limits.items():
        resource.setrlimit(getattr(resource, name), (soft, hard))
