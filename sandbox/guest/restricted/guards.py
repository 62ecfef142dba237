"""Guarded builtins: getattr, setattr, delattr and hasattr refuse the names that a script's text may not use.

So a computed name is refused like a written one. They do not protect the library: the seals do, whatever
names a script reads. The missing builtins raise an error that says why.
"""

from collections.abc import Callable
from typing import Any, NoReturn

from validation.restricted.builtins import DENIED_BUILTINS
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


def denied_builtins() -> dict[str, Callable[..., NoReturn]]:
    """Return functions that raise NameError with the reason, by the names of the missing builtins."""

    def denied(name: str, reason: str) -> Callable[..., NoReturn]:
        def deny(*_: object, **__: object) -> NoReturn:
            raise NameError(f"the restricted executor does not have the builtin {name}: {reason}", name=name)

        return deny

    return {name: denied(name, why) for name, why in DENIED_BUILTINS.items() if not name.startswith("__")}
