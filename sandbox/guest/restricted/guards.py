"""What stands in the place of builtins and library functions in a restricted script.

Each guard is here because the library itself does with a text or a name of the script's choosing what
the script's own text may not do: read an attribute, evaluate, paste it into source.
"""

import contextlib
import dataclasses
import functools
import io
import string
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

from validation.restricted.policy import GUARDED, permitted


def attribute(target: object, name: str, *default: object) -> Any:
    """Return an attribute of `GUARDED`, unless it is a way out of this object."""
    value = getattr(target, name, *default)
    if name in ("format", "format_map"):
        return _checked_format(value)
    # The object an error is about may be a module of the library's; a stream's raw file opens others.
    if (name == "obj" and isinstance(target, BaseException)) or isinstance(target, io.IOBase):
        raise _refused(name)
    return value


def guarded(access: Callable[..., Any]) -> Callable[..., Any]:
    """Return `getattr` or one of its kin, refusing what the text of a script may not name."""

    def checked(target: object, name: str, *rest: object) -> Any:
        # Not isinstance: a subclass could be one name to us and another to the interpreter.
        if type(name) is not str:
            raise TypeError("attribute name must be string")
        if not permitted(name):
            raise _refused(name)
        if access is getattr and name in GUARDED:
            return attribute(target, name, *rest)
        return access(target, name, *rest)

    checked.__name__ = checked.__qualname__ = access.__name__
    return checked


def _checked_format(method: Any) -> Any:
    """Return a method that formats a text of the script, once its fields have been looked at."""
    # However it was come by, of an instance or through super(): the text is what it is bound to.
    text = getattr(method, "__self__", None)
    if isinstance(method, types.BuiltinMethodType) and isinstance(text, str):
        _check_fields(text)
        return method
    if not isinstance(method, types.MethodDescriptorType):
        return method

    def checked(text: str, *args: Any, **kwargs: Any) -> Any:
        if isinstance(text, str):
            _check_fields(text)
        return method(text, *args, **kwargs)

    return checked


def _check_fields(text: str) -> None:
    """Refuse replacement fields that walk to an attribute a script may not name, nested ones too."""
    for _, field, spec, _ in string.Formatter().parse(str.__str__(text)):
        for part in (field or "").replace("[", ".").split("."):
            name = part.rstrip("]")
            if not permitted(name) or name in GUARDED:
                raise _refused(name)
        if spec:
            _check_fields(spec)


def dataclass(cls: type | None = None, /, **options: Any) -> Any:
    """Make a dataclass; its generator pastes the fields' names into source text."""

    def decorate(cls: type) -> type:
        _check_names(cls, *vars(cls).get("__annotations__", {}))
        return dataclasses.dataclass(**options)(cls)

    return decorate if cls is None else decorate(cls)


def asdict(target: Any, **options: Any) -> Any:
    """Turn a dataclass into a dict; the library reads whatever its fields are named."""
    _check_names(type(target))
    return dataclasses.asdict(target, **options)


def replace(target: Any, /, **changes: Any) -> Any:
    """Copy a dataclass with changes; the library reads whatever its fields are named."""
    _check_names(type(target))
    return dataclasses.replace(target, **changes)


def _check_names(cls: type, *annotated: object) -> None:
    """Refuse field names that are no names, of a class and all it inherits from."""
    inherited = (name for base in type.mro(cls) for name in vars(base).get("__dataclass_fields__", {}))
    for name in (*annotated, *inherited):
        if type(name) is not str or not name.isidentifier() or not permitted(name):
            raise TypeError(f"field names must be identifiers: {name!r}")
    fields = getattr(cls, "__dataclass_fields__", {})
    if any(type(field) is not dataclasses.Field or field.name not in fields for field in fields.values()):
        raise TypeError("the fields of a dataclass are its own to make")


def wraps(wrapped: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Be functools.wraps with its default attributes; others could carry a function's globals out."""
    return functools.wraps(wrapped)


@contextlib.contextmanager
def redirect_stdout(target: Any) -> Iterator[Any]:
    """Redirect standard output; the library's class would redirect any attribute of sys."""
    before, sys.stdout = sys.stdout, target
    try:
        yield target
    finally:
        sys.stdout = before


def _refused(name: str) -> AttributeError:
    return AttributeError(f"{name} cannot be used in the restricted executor")
