"""The replacements of builtins and library functions in a restricted script.

Each guard replaces a function that takes a text or a name from the script. The function reads an attribute by
that name, evaluates the text, or inserts it into source code. The rules on the script's text cannot see this.
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
    """Return an attribute that `GUARDED` lists, unless it leads out of the sandbox on this object."""
    value = getattr(target, name, *default)
    if name in ("format", "format_map"):
        return _checked_format(value)
    # The `obj` of an error may be a library module. The raw file of a stream can open other files.
    if (name == "obj" and isinstance(target, BaseException)) or isinstance(target, io.IOBase):
        raise _forbidden(name)
    return value


def guarded(access: Callable[..., Any]) -> Callable[..., Any]:
    """Return `access` (getattr, setattr, delattr or hasattr) without the names that a script may not use."""

    def checked(target: object, name: str, *rest: object) -> Any:
        # Not isinstance: an instance of a subclass could compare as one name and be read as another.
        if type(name) is not str:
            raise TypeError("attribute name must be string")
        if not permitted(name):
            raise _forbidden(name)
        if access is getattr and name in GUARDED:
            return attribute(target, name, *rest)
        return access(target, name, *rest)

    checked.__name__ = checked.__qualname__ = access.__name__
    return checked


def _checked_format(method: Any) -> Any:
    """Return str.format or str.format_map with a check of the replacement fields."""
    # A bound method formats the text that it is bound to, also if it comes from super().
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
    """Raise AttributeError for replacement fields, nested ones too, that read a forbidden attribute."""
    for _, field, spec, _ in string.Formatter().parse(str.__str__(text)):
        for part in (field or "").replace("[", ".").split("."):
            name = part.rstrip("]")
            if not permitted(name) or name in GUARDED:
                raise _forbidden(name)
        if spec:
            _check_fields(spec)


def dataclass(cls: type | None = None, /, **options: Any) -> Any:
    """Make a dataclass. The library inserts the names of the fields into source code."""

    def decorate(cls: type) -> type:
        _check_names(cls, *vars(cls).get("__annotations__", {}))
        return dataclasses.dataclass(**options)(cls)

    return decorate if cls is None else decorate(cls)


def asdict(target: Any, **options: Any) -> Any:
    """Turn a dataclass into a dict. The library reads attributes by the names of the fields."""
    _check_names(type(target))
    return dataclasses.asdict(target, **options)


def replace(target: Any, /, **changes: Any) -> Any:
    """Copy a dataclass with changes. The library reads attributes by the names of the fields."""
    _check_names(type(target))
    return dataclasses.replace(target, **changes)


def _check_names(cls: type, *annotated: object) -> None:
    """Raise TypeError for field names of a class and its bases that are not permitted identifiers."""
    inherited = (name for base in type.mro(cls) for name in vars(base).get("__dataclass_fields__", {}))
    for name in (*annotated, *inherited):
        if type(name) is not str or not name.isidentifier() or not permitted(name):
            raise TypeError(f"field names must be identifiers: {name!r}")
    fields = getattr(cls, "__dataclass_fields__", {})
    if any(type(field) is not dataclasses.Field or field.name not in fields for field in fields.values()):
        raise TypeError("only dataclass() may make the fields of a dataclass")


def wraps(wrapped: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Apply functools.wraps with its default attributes. Others could expose the globals of a function."""
    return functools.wraps(wrapped)


@contextlib.contextmanager
def redirect_stdout(target: Any) -> Iterator[Any]:
    """Redirect standard output. The library's class could redirect any attribute of sys."""
    before, sys.stdout = sys.stdout, target
    try:
        yield target
    finally:
        sys.stdout = before


def _forbidden(name: str) -> AttributeError:
    return AttributeError(f"{name} cannot be used in the restricted executor")
