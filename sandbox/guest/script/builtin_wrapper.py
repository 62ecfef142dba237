"""Wrappers of built-in functions: objects that look like the builtin and call a function of the guest.

A plain function would not do: in a class of a script (`log = print`) it would be a method, and get the
instance as an argument. A built-in function is none there, and neither is a wrapper.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def wrap_builtin(original: Callable[..., Any], function: Callable[..., Any]) -> Callable[..., Any]:
    """Return an object that calls `function`, and otherwise looks and pickles like `original`."""

    class Wrapper:
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

    Wrapper.__name__ = Wrapper.__qualname__ = type(original).__name__
    return Wrapper()
