"""The language a restricted script sees: modules without their insides, builtins with guards.

This is the weaker of the two layers around a restricted script, and never the only one. Guards at
the level of the language have always been escaped sooner or later; what an escape finds is a
process that the kernel lets open, connect and start nothing (`lockdown`). The rules on the text of a
script are in sandbox/restrictions.py, which shares the names here.
"""

import ast
import builtins
import hashlib
import importlib
import string
import sys
import types
from collections.abc import Callable, Mapping
from typing import Any, Final

#: The modules a restricted script may import.
MODULES: Final = (
    "__future__ abc array base64 binascii bisect calendar cmath collections collections.abc colorsys "
    "contextlib copy csv dataclasses datetime decimal difflib enum fractions functools graphlib hashlib "
    "heapq hmac html io ipaddress itertools json keyword math numbers operator pprint random re secrets "
    "statistics string struct sys textwrap time typing unicodedata urllib.parse uuid zlib"
).split()

#: What the library imports only when it is used.
_LATE: Final = ("_strptime", "encodings.ascii", "encodings.idna", "encodings.latin_1", "encodings.utf_16")

#: What stands in a module's place: its public names, unless they are modules, or listed here.
_WITHHELD: Final[Mapping[str, frozenset[str]]] = {
    "enum": frozenset({"global_enum"}),
    "functools": frozenset({"update_wrapper", "wraps"}),
    "hashlib": frozenset({"file_digest"}),
    "operator": frozenset({"attrgetter", "methodcaller"}),
    "string": frozenset({"Formatter"}),
    "typing": frozenset({"ForwardRef", "get_type_hints"}),
    "uuid": frozenset({"getnode", "uuid1", "main"}),
}

#: Of these modules only the names listed.
_GRANTED: Final[Mapping[str, frozenset[str]]] = {
    "io": frozenset({"StringIO", "BytesIO", "SEEK_SET", "SEEK_CUR", "SEEK_END", "UnsupportedOperation"}),
    "sys": frozenset(
        (
            "argv byteorder exit float_info getrecursionlimit getsizeof hash_info implementation int_info "
            "intern maxsize maxunicode platform setrecursionlimit stderr stdin stdout version version_info"
        ).split()
    ),
}

#: Builtins a restricted script has no use for that would be harmless.
_DENIED_BUILTINS: Final = frozenset(
    (
        "__import__ __loader__ __spec__ breakpoint compile copyright credits eval exec exit globals help "
        "license locals open quit vars"
    ).split()
)

#: Names with two underscores that ordinary programs use; all others are refused.
SPECIAL_NAMES: Final = frozenset(
    (
        "__abs__ __add__ __aenter__ __aexit__ __aiter__ __all__ __and__ __anext__ __author__ __await__ "
        "__bool__ __bytes__ __call__ __cause__ __ceil__ __class__ __class_getitem__ __complex__ __contains__ "
        "__context__ __copy__ __date__ __debug__ __deepcopy__ __del__ __delattr__ __delete__ __delitem__ "
        "__divmod__ __doc__ __enter__ __eq__ __exit__ __file__ __float__ __floor__ __floordiv__ __format__ "
        "__ge__ __get__ __getattr__ __getitem__ __gt__ __hash__ __iadd__ __iand__ __ifloordiv__ __imatmul__ "
        "__imod__ __imul__ __index__ __init__ __init_subclass__ __int__ __invert__ __ior__ __ipow__ __isub__ "
        "__iter__ __itruediv__ __ixor__ __le__ __len__ __length_hint__ __lshift__ __lt__ __match_args__ "
        "__matmul__ __members__ __missing__ __mod__ __module__ __mul__ __name__ __ne__ __neg__ __new__ "
        "__next__ __notes__ __or__ __pos__ __post_init__ __pow__ __qualname__ __radd__ __rand__ __rdivmod__ "
        "__repr__ __reversed__ __rfloordiv__ __rlshift__ __rmatmul__ __rmod__ __rmul__ __ror__ __round__ "
        "__rpow__ __rrshift__ __rshift__ __rsub__ __rtruediv__ __rxor__ __set__ __set_name__ __setattr__ "
        "__setitem__ __slots__ __str__ __sub__ __suppress_context__ __truediv__ __trunc__ __version__ __xor__"
    ).split()
)

#: Ways from an object to a frame, its code or its class's descent, without underscores.
WAYS_OUT: Final = frozenset(
    (
        "_convert_ ag_await ag_code ag_frame co_code co_consts cr_await cr_code cr_frame cr_origin f_back "
        "f_builtins f_code f_globals f_locals f_trace gi_code gi_frame gi_yieldfrom mro tb_frame tb_lasti "
        "tb_lineno tb_next"
    ).split()
)

_GUARD: Final = "__guarded_format__"


def permitted(name: str) -> bool:
    """Say whether a restricted script may use `name` as a name or an attribute."""
    return name not in WAYS_OUT and (
        not (name.startswith("__") and name.endswith("__")) or name in SPECIAL_NAMES
    )


class Language:
    """The modules and builtins of one restricted script."""

    def __init__(self) -> None:
        """Import every module now: once the process is locked down nothing can be."""
        for name in _LATE:
            importlib.import_module(name)
        for name in hashlib.algorithms_guaranteed:
            hashlib.new(name)
        self._modules = {name: _stand_in(importlib.import_module(name)) for name in MODULES}
        for name, module in self._modules.items():
            parent, _, child = name.rpartition(".")
            if parent in self._modules:
                setattr(self._modules[parent], child, module)
        self._modules["urllib"] = types.ModuleType("urllib")
        vars(self._modules["urllib"])["parse"] = self._modules["urllib.parse"]
        vars(self._modules["dataclasses"])["dataclass"] = _checked_dataclass
        vars(self._modules["functools"])["wraps"] = _wraps

    def builtins(self) -> dict[str, Any]:
        """Return the builtins of a script."""
        kept = {name: value for name, value in vars(builtins).items() if name not in _DENIED_BUILTINS}
        return kept | {
            "__import__": self._import,
            "getattr": _guarded(getattr),
            "setattr": _guarded(setattr),
            "delattr": _guarded(delattr),
            "hasattr": _guarded(hasattr),
            _GUARD: _guarded_format,
        }

    @staticmethod
    def compile(script: str, filename: str) -> types.CodeType:
        """Compile a script, with the attributes `format` and `format_map` guarded."""
        tree = _FormatGuard().visit(ast.parse(script, filename))
        return compile(ast.fix_missing_locations(tree), filename, "exec", dont_inherit=True)

    def _import(
        self, name: str, _globals: object = None, _locals: object = None, fromlist: Any = (), level: int = 0
    ) -> types.ModuleType:
        if type(fromlist) is list:
            # The interpreter's own C code, which imports with a list, has it in use already.
            return sys.modules[name]
        if type(name) is not str or level or name not in self._modules or name == "urllib":
            raise ImportError(f"{name} cannot be imported in the restricted executor")
        return self._modules[name if fromlist else name.partition(".")[0]]


def _stand_in(module: types.ModuleType) -> types.ModuleType:
    """Return a module with the harmless public names of `module`."""
    name = module.__name__
    granted, withheld = _GRANTED.get(name), _WITHHELD.get(name, frozenset())
    copy = types.ModuleType(name, module.__doc__)
    for key in granted or dir(module):
        value = getattr(module, key)
        if not key.startswith("_") and key not in withheld and not isinstance(value, types.ModuleType):
            vars(copy)[key] = value
    return copy


def _guarded(access: Callable[..., Any]) -> Callable[..., Any]:
    """Return `getattr` or one of its kin, refusing what the text of a script may not name."""

    def guarded(target: object, name: str, *rest: object) -> Any:
        # Not isinstance: a subclass could be one name to us and another to the interpreter.
        if type(name) is not str:
            raise TypeError("attribute name must be string")
        if not permitted(name):
            raise AttributeError(f"{name} cannot be used in the restricted executor")
        return access(target, name, *rest)

    guarded.__name__ = guarded.__qualname__ = access.__name__
    return guarded


def _guarded_format(target: object, attribute: str) -> Any:
    """Return `target.format` or `target.format_map`; of a text one whose fields are looked at."""
    method = getattr(target, attribute)
    if not isinstance(target, str):
        # `str.format` itself: its first argument is the text.
        return _checked_unbound(method) if isinstance(target, type) and issubclass(target, str) else method
    _check_fields(str.__str__(target))
    return method


def _checked_unbound(method: Callable[..., str]) -> Callable[..., str]:
    def checked(text: str, *args: Any, **kwargs: Any) -> str:
        _check_fields(str.__str__(text))
        return method(text, *args, **kwargs)

    return checked


def _check_fields(text: str) -> None:
    """Refuse replacement fields that walk to an attribute a script may not name, nested ones too."""
    for _, field, spec, _ in string.Formatter().parse(text):
        for part in (field or "").replace("[", ".").split("."):
            if not permitted(part.rstrip("]")):
                raise AttributeError(f"{part} cannot be used in the restricted executor")
        if spec:
            _check_fields(spec)


class _FormatGuard(ast.NodeTransformer):
    """Turns `x.format` into a call of the guard, wherever it is read."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if node.attr not in ("format", "format_map") or not isinstance(node.ctx, ast.Load):
            return node
        call = ast.Call(ast.Name(_GUARD, ast.Load()), [node.value, ast.Constant(node.attr)], [])
        return ast.copy_location(call, node)


def _checked_dataclass(cls: type | None = None, /, **options: Any) -> Any:
    """Make a dataclass; its generator pastes the fields' names into source text."""
    import dataclasses

    def decorate(cls: type) -> type:
        for name in vars(cls).get("__annotations__", {}):
            if type(name) is not str or not name.isidentifier():
                raise TypeError(f"field names must be identifiers: {name!r}")
        return dataclasses.dataclass(**options)(cls)

    return decorate if cls is None else decorate(cls)


def _wraps(wrapped: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Be functools.wraps with its default attributes; others could carry a function's globals out."""
    import functools

    return functools.wraps(wrapped)
