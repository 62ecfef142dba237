"""Stand-ins: functions of the guest in place of built-in functions.

A stand-in is no plain function, which would take the instance as an argument where a class of a script holds
it (`log = print`). It looks and pickles like the original.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def stand_in(function: Callable[..., Any], original: Callable[..., Any]) -> Callable[..., Any]:
    """Return an object that is called as `function`, and otherwise resembles `original`."""

    class StandIn:
        __slots__ = ()
        # Properties: help leaves out a text that the type has too, and the type belongs to no module.
        __module__ = property(lambda _: original.__module__)
        __doc__ = property(lambda _: original.__doc__)
        __call__ = staticmethod(function)

        @property  # type: ignore[misc] # that of `object` can be written
        def __class__(self) -> type:
            return type(original)

        def __getattr__(self, name: str) -> Any:
            return getattr(original, name)

        def __repr__(self) -> str:
            return repr(original)

        def __reduce__(self) -> str:
            return original.__name__

    StandIn.__name__ = StandIn.__qualname__ = type(original).__name__
    return StandIn()
