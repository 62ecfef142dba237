"""Patches of library code that finds a module, an attribute of one, or an address, by what a script gave it.

They change the library itself and not a copy of it: a script can reach an original, for example as the base
of a class.
"""

import builtins
import contextlib
import dataclasses
import enum
import importlib
import sys
import timeit
import types
import typing
import warnings
from typing import Any, Final

from sandbox.guest.restricted.compilers import make_function
from sandbox.guest.restricted.seals import replace_method

#: Modules that look up the `__module__` of a script's class in `sys.modules`; each with the other modules
#: that it looks up there.
_SEARCHING: Final = {dataclasses: ("dataclasses", "typing"), enum: (), typing: ()}

#: The attributes of sys that a script can redirect.
_STREAMS: Final = frozenset({"stdin", "stdout", "stderr"})

#: The attributes of `warnings` that catch_warnings saves, changes and restores.
_WARNINGS: Final = frozenset(
    (
        "_filters_mutated _filters_mutated_lock_held _new_context _showwarning_orig _showwarnmsg_impl "
        "_warnings_context filters showwarning simplefilter"
    ).split()
)


def apply(script_builtins: dict[str, Any]) -> None:
    """Change the library of this process.

    Args:
        script_builtins: The builtins of scripts.
    """
    searching = dict(_SEARCHING)
    with contextlib.suppress(ModuleNotFoundError):
        # Since Python 3.14. It looks the names of a script up, and runs its code.
        annotations = importlib.import_module("annotationlib")
        searching[annotations] = ()
        vars(annotations)["builtins"] = _copy(builtins, script_builtins)
        vars(annotations)["types"] = _copy(
            types, vars(types) | {"FunctionType": _function_type(script_builtins)}
        )
        update: Any = vars(dataclasses)["_update_func_cell_for__class__"]
        vars(dataclasses)["_update_func_cell_for__class__"] = _update_cell(update)
    for module, own_names in searching.items():
        vars(module)["sys"] = _copy(sys, vars(sys) | {"modules": _FewModules(own_names)})
    # Timed text runs with names of its own, not with those of timeit.
    vars(timeit)["_globals"] = dict
    catching: Any = warnings.catch_warnings
    catching.__init__ = _catch_warnings(catching.__init__)
    with contextlib.suppress(ModuleNotFoundError):
        # The interpreter may have been built without it.
        connection = importlib.import_module("sqlite3").Connection
        replace_method(connection, "__init__", _connect(connection.__init__, connection.create_function))
    stream: Any = contextlib._RedirectStream
    stream.__enter__, stream.__exit__ = _enter_redirection, _exit_redirection


def _copy(module: types.ModuleType, names: dict[str, Any]) -> types.ModuleType:
    """Return a module with the name of another one."""
    copy = types.ModuleType(module.__name__)
    vars(copy).update(names)
    return copy


def _function_type(script_builtins: dict[str, Any]) -> type:
    """Return what stands for types.FunctionType where the library makes functions of a script's code."""

    class Type(type):
        def __call__(cls, code: types.CodeType, globals: dict[str, Any], **parts: Any) -> Any:
            return make_function(script_builtins, code, globals, **parts)

        def __instancecheck__(cls, value: object) -> bool:
            return isinstance(value, types.FunctionType)

    class FunctionType(metaclass=Type):
        """Makes functions that have the builtins of scripts."""

    return FunctionType


def _update_cell(update: Any) -> Any:
    """Return a function that leaves alone what has no closure, or a sealed one: the library's own."""

    def checked(function: Any, old: type, new: type) -> bool:
        return bool(function is not None and function.__closure__ and update(function, old, new))

    return checked


class _FewModules:
    """Stands for `sys.modules`, with the script's own module and few others."""

    def __init__(self, others: tuple[str, ...]) -> None:
        self._names = frozenset({"__main__", *others})

    def __contains__(self, name: object) -> bool:
        # Not a subclass of str, which could compare as one name and be read as another.
        return type(name) is str and name in self._names

    def __getitem__(self, name: str) -> types.ModuleType:
        if name not in self:
            raise KeyError(name)
        return sys.modules[name]

    def get(self, name: str, default: object = None) -> object:
        try:
            return self[name]
        except KeyError:
            return default


class _Warnings:
    """Stands for the module `warnings`, which each catch_warnings holds."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        return getattr(warnings, _warnings_name(name))

    def __setattr__(self, name: str, value: object) -> None:
        setattr(warnings, _warnings_name(name), value)


def _warnings_name(name: object) -> str:
    if type(name) is not str or name not in _WARNINGS:
        raise AttributeError("this attribute of warnings cannot be used")
    return name


def _catch_warnings(initialise: Any) -> Any:
    def __init__(self: Any, *, module: Any = None, **options: Any) -> None:  # noqa: N807 -- what it replaces
        initialise(self, module=_Warnings() if module is None else module, **options)

    return __init__


def _connect(initialise: Any, create_function: Any) -> Any:
    """Return sqlite3.Connection.__init__ that overrides the SQL function fts3_tokenizer by one that fails.

    The function shows the address of a tokenizer, and runs what lies at an address that a script gives it.
    Some builds of SQLite have it, such as Debian's.
    """

    def __init__(self: Any, *given: Any, **options: Any) -> None:  # noqa: N807 -- the name of what it replaces
        initialise(self, *given, **options)
        for count in (1, 2):
            create_function(self, "fts3_tokenizer", count, None)

    return __init__


def _enter_redirection(self: Any) -> Any:
    self._old_targets.append(getattr(sys, _stream_of(self)))
    setattr(sys, _stream_of(self), self._new_target)
    return self._new_target


def _exit_redirection(self: Any, *_: object) -> None:
    setattr(sys, _stream_of(self), self._old_targets.pop())


def _stream_of(redirection: Any) -> str:
    """Return the attribute of sys that a contextlib.redirect_stdout or the like replaces."""
    name = redirection._stream
    if type(name) is not str or name not in _STREAMS:
        raise ValueError("only the standard streams can be redirected")
    return name
