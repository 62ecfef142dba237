"""Seals: attributes of built-in types that cannot lead a script out, whatever reads them.

Many functions read an attribute by a name that a script gives them: getattr, operator.attrgetter,
str.format, a class pattern, functools.cached_property, copy, codecs. No list of such functions stays
complete. So a seal does not guard a reader. It replaces the attribute itself, in the dict of the built-in
type, before the first script. A script's own values stay visible. Values of the library are withheld from
every reader, including the library itself.

The interpreter's C code reads its own structures and does not notice. A seal decides by the value alone, not
by its caller: a script can make library code call anything.
Sources: PyType_Modified and Py_TPFLAGS_IMMUTABLETYPE in Objects/typeobject.c, Objects/descrobject.c.
"""

import ctypes
import gc
import io
import types
from collections.abc import Callable, Iterable
from typing import Any, Final

#: Classes that set attributes of their own at run time, or whose instances get another class.
_CHANGING: Final = frozenset(
    (
        "annotationlib.ForwardRef annotationlib._Stringifier difflib.HtmlDiff weakref.finalize "
        "zipfile.ZipFile"
    ).split()
)

#: The offset of `tp_flags` in PyTypeObject, and two of the flags. Source: Include/cpython/object.h.
_FLAGS_OFFSET: Final = 168
_IMMUTABLE: Final = 1 << 8
_HEAP_TYPE: Final = 1 << 9

#: Every subclass of a class, also when the attribute is sealed.
_all_subclasses: Final[Callable[[type], list[type]]] = type.__subclasses__


def seal_types(owns: Callable[[Any], bool], visible: Iterable[type]) -> None:
    """Replace the attributes, for the rest of the process.

    Args:
        owns: Whether a namespace is a script's own.
        visible: The classes of the library that a script can see.
    """
    get, items = dict.get, dict.items
    module, file, frame = types.ModuleType, io.FileIO, types.FrameType
    function_globals = types.FunctionType.__dict__["__globals__"].__get__
    frame_globals = frame.__dict__["f_globals"].__get__

    def own_globals(function: Any) -> Any:
        found = function_globals(function)
        if not owns(found):
            raise AttributeError("__globals__")
        return found

    def function_seal(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda function: read(function) if owns(function_globals(function)) else None

    def frame_seal(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda of: read(of) if owns(frame_globals(of)) else {}

    def shown_globals(of: Any) -> Any:
        found = frame_globals(of)
        # The library looks for the name of the module that called it.
        return found if owns(found) else {"__name__": get(found, "__name__")}

    def no_module(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def checked(of: Any) -> Any:
            found = read(of)
            return None if type(found) is module else found

        return checked

    def defaults(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def checked(of: Any) -> Any:
            found: Any = read(of)
            if found is None or owns(function_globals(of)):
                return found
            if type(found) is tuple:
                return tuple([None if type(value) is module else value for value in found])
            # A copy, because the dict itself would change the function.
            return {name: None if type(value) is module else value for name, value in items(found)}

        return checked

    def no_file(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def checked(of: Any) -> Any:
            found = read(of)
            return None if type(found) is file else found

        return checked

    _seal(types.FunctionType, "__globals__", lambda _: own_globals)
    _seal(types.FunctionType, "__closure__", function_seal)
    _seal(types.FunctionType, "__builtins__", function_seal)
    _seal(types.FunctionType, "__defaults__", defaults)
    _seal(types.FunctionType, "__kwdefaults__", defaults)
    _seal(frame, "f_globals", lambda _: shown_globals)
    _seal(frame, "f_locals", frame_seal)
    _seal(frame, "f_builtins", frame_seal)
    _seal(types.BuiltinFunctionType, "__self__", no_module)
    _seal(AttributeError, "obj", no_module)
    for buffered in (io.BufferedReader, io.BufferedWriter, io.BufferedRandom):
        _seal(buffered, "raw", no_file)
        _replace(buffered, "detach", _detach)
    library = frozenset(map(id, _classes()))
    shown = library & {id(cls) for cls in visible}
    _replace(type, "__subclasses__", _subclasses(library - shown))
    # Last, because `_replace` needs the dict behind the proxy. A comparison with a proxy hands that dict to
    # the other side.
    proxy, copy = types.MappingProxyType, dict
    _seal(type, "__dict__", lambda read: lambda cls: proxy(copy(read(cls))))


def replace_method(cls: type, name: str, method: Callable[..., Any]) -> None:
    """Replace a method of an immutable class, and the slot through which C code calls it."""
    flags = _flags_of(cls)
    flags.value &= ~_IMMUTABLE
    setattr(cls, name, method)
    # Not the flags from before: the interpreter has changed another one.
    flags.value |= _IMMUTABLE


def make_classes_immutable() -> None:
    """Keep scripts from changing the attributes of the library's classes."""
    for cls in _classes():
        flags = _flags_of(cls)
        if flags.value & _HEAP_TYPE and f"{cls.__module__}.{cls.__qualname__}" not in _CHANGING:
            flags.value |= _IMMUTABLE


def _flags_of(cls: type) -> ctypes.c_ulong:
    """Return the flags of the class, which can be changed."""
    flags = ctypes.c_ulong.from_address(id(cls) + _FLAGS_OFFSET)
    if flags.value != cls.__flags__:
        raise RuntimeError("this interpreter has another layout of classes")
    return flags


def _classes() -> list[type]:
    """Return every class in the process."""
    found: dict[int, type] = {}
    todo: list[type] = [object]
    while todo:
        cls = todo.pop()
        if id(cls) not in found:
            found[id(cls)] = cls
            todo += _all_subclasses(cls)
    return list(found.values())


def _subclasses(hidden: frozenset[int]) -> Callable[[type], list[type]]:
    """Return type.__subclasses__ without the classes in `hidden`. isinstance() with an ABC calls it."""
    read, identity = _all_subclasses, id

    def __subclasses__(cls: type) -> list[type]:  # noqa: N807 -- the name of what it replaces
        return [found for found in read(cls) if identity(found) not in hidden]

    return __subclasses__


def _detach(_: object) -> None:
    raise io.UnsupportedOperation("detach")


def _seal(cls: type, name: str, seal: Callable[[Callable[[Any], Any]], Callable[[Any], Any]]) -> None:
    """Replace an attribute of a built-in type: reading gives what `seal` makes of the original read."""
    original: Any = cls.__dict__[name]
    read, write = seal(original.__get__), original.__set__

    class Seal:
        """A descriptor without state. A property could be initialised again by a script."""

        __slots__ = ()

        def __get__(self, target: Any, _: Any = None) -> Any:
            return self if target is None else read(target)

        def __set__(self, target: Any, value: Any) -> None:
            write(target, value)

    _replace(cls, name, Seal())


def _replace(cls: type, name: str, value: object) -> None:
    # The dict behind the proxy.
    entries: Any = gc.get_referents(cls.__dict__)[0]
    entries[name] = value
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(cls))
