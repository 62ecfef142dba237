"""Guards of getattr, setattr, delattr and hasattr: they refuse the names that a script's text may not use.

So a computed name is refused like a written one. They do not protect the library: the seals do, whatever
names a script reads.
"""

from collections.abc import Callable
from typing import Any

from validation.restricted.policy import permitted


def guarded(access: Callable[..., Any]) -> Callable[..., Any]:
    """Return `access` (getattr, setattr, delattr or hasattr) without the names that a script may not use."""

    def checked(target: object, name: str, *rest: object) -> Any:
        # Not isinstance: an instance of a subclass could compare as one name and be read as another.
        if type(name) is not str:
            raise TypeError("attribute name must be string")
        if not permitted(name):
            raise AttributeError(f"{name} cannot be used in the restricted executor")
        return access(target, name, *rest)

    checked.__name__ = checked.__qualname__ = access.__name__
    return checked
