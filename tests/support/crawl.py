"""Follow every attribute, item and base from what a restricted script holds. Run in an interpreter of its own.

python crawl.py CHECKOUT [unsealed]   prints a JSON object: the objects seen, the leaks, the library's files
"""

# Reading an attribute or making an object may raise anything.
# ruff: noqa: BLE001

import builtins
import collections
import contextlib
import io
import json
import sys
import types
from collections.abc import Iterator
from typing import Any, Final

sys.path.insert(0, sys.argv[1])

from sandbox.guest.restricted import language, seals
from sandbox.guest.script import streams

_WRAPPERS: Final = (type([].__len__), type(str.__len__))
_CODE: Final = (type, types.BuiltinFunctionType, types.FunctionType)
_LOCKS: Final = ("LockType", "RLock", "lock")
_METHODS: Final = (types.BuiltinFunctionType, types.MethodType)
_PLAIN: Final = frozenset({int, str, bytes, float, bool, complex, type(None), *_WRAPPERS})

_LONGEST_WAY: Final = 5
_MOST_OBJECTS: Final = 400_000

#: Modules whose functions and classes no script may hold, unless a permitted module has them too.
_DANGEROUS: Final = (
    "_ctypes _frozen_importlib _frozen_importlib_external _imp _signal _socket _thread ctypes gc importlib marshal "
    "mmap os posix resource select signal socket subprocess zipimport"
).split()


def main() -> None:
    """Crawl and print the findings."""
    real = {
        "builtins.open": open,
        "builtins.__import__": __import__,
        "builtins.exec": exec,
        "io.FileIO": io.FileIO,
    }
    before = dict(sys.modules)
    if "unsealed" in sys.argv:
        seals.seal_types = lambda *_: None
    streams.install()
    guarded = language.Language()
    modules = {**before, **sys.modules}
    allowed = {id(value) for value in guarded.builtins().values()}
    for copy in guarded.modules.values():
        allowed |= {id(copy), *map(id, vars(copy).values())}
    forbidden = {id(value): name for name, value in real.items()} | {id(sys.modules): "sys.modules"}
    for name, module in modules.items():
        forbidden[id(module)] = f"module {name}"
        if isinstance(module, types.ModuleType):
            forbidden[id(vars(module))] = f"dict of {name}"
        if name in _DANGEROUS:
            for key, value in vars(module).items():
                if isinstance(value, _CODE) and value.__module__ == name and key not in _LOCKS:
                    forbidden.setdefault(id(value), f"{name}.{key}")
    forbidden = {key: name for key, name in forbidden.items() if key not in allowed}
    roots = {**guarded.builtins(), **guarded.modules}
    seen, leaks, left = _crawl(roots, forbidden)
    files = {name: getattr(module, "__file__", None) for name, module in modules.items()}
    print(json.dumps({"seen": seen, "leaks": leaks, "left": left, "files": files}))


def _crawl(roots: dict[str, Any], forbidden: dict[int, str]) -> tuple[int, list[str], int]:
    library = (vars(builtins), builtins)
    # The objects stay alive, so that no other gets the identity of one.
    seen: dict[int, object] = {}
    leaks = []
    todo = collections.deque[tuple[Any, tuple[str, ...]]]((value, (name,)) for name, value in roots.items())
    while todo and len(seen) < _MOST_OBJECTS:
        thing, way = todo.popleft()
        if id(thing) in seen:
            continue
        seen[id(thing)] = thing
        leak = forbidden.get(id(thing))
        if isinstance(thing, dict) and dict.get(thing, "__builtins__") in library:
            leak = "a namespace of the library"
        if leak:
            leaks.append(f"{leak} by {' '.join(way)}")
        elif len(way) < _LONGEST_WAY:
            for name, value in _around(thing):
                # Each read makes another method. What it is bound to was seen, so look at its function.
                own = type(value) in _METHODS and value.__self__ is thing
                found = getattr(value, "__func__", None) if own else value
                if type(found) not in _PLAIN and id(found) not in seen:
                    todo.append((found, (*way, name)))
    return len(seen), leaks, len(todo)


def _around(thing: Any) -> Iterator[tuple[str, Any]]:
    """Yield the objects that are one step away from an object, through attributes of any name."""
    names = set(dir(type(thing))) | {
        "__dict__",
        "__class__",
        "__bases__",
        "__mro__",
        "__self__",
        "__globals__",
    }
    with contextlib.suppress(Exception):
        names |= set(dir(thing))
    for cls in type.mro(type(thing)) if type(thing) is not type else (type, object):
        names |= set(vars(cls))
    for name in names - {"__abstractmethods__"}:
        try:
            yield name, getattr(thing, name)
        except BaseException:
            continue
    if isinstance(thing, dict | types.MappingProxyType):
        yield from ((f"[{key!r:.20}]", value) for key, value in list(thing.items()))
        yield from ((f"key {key!r:.20}", key) for key in list(thing))
    elif isinstance(thing, list | tuple | set | frozenset):
        yield from ((f"[{at}]", value) for at, value in enumerate(list(thing)))
    # Objects of hidden classes of the interpreter may crash it.
    if isinstance(thing, type) and not issubclass(thing, type) and "unsealed" not in sys.argv:
        try:
            yield "()", thing()
        except BaseException:
            return
    if isinstance(thing, type):
        yield "subclasses", type.__subclasses__(thing)


main()
