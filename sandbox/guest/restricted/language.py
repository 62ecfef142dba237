"""The language of a restricted script: modules without their private parts, and builtins with guards.

This is the weaker of the two layers around a restricted script, and never the only one. Attackers have found
escapes from every such guarded language. A script that escapes is still in a process that the kernel does not
allow to open files, connect to addresses or start processes (`lockdown`). The rules on the script's text are
in validation/restricted/rules.py. Both modules read the tables in validation/restricted/policy.py.
"""

import ast
import builtins
import hashlib
import importlib
import sys
import types
from collections.abc import Callable, Mapping
from typing import Any, Final

from sandbox.guest.restricted import guards
from validation.restricted.policy import GUARDED, MODULES, OWN_PATTERNS

#: Modules that the library imports only when they are used.
_LATE: Final = ("_strptime", "encodings.ascii", "encodings.idna", "encodings.latin_1", "encodings.utf_16")

#: A script sees the public names of a module, except submodules and the names listed here.
_WITHHELD: Final[Mapping[str, frozenset[str]]] = {
    "collections": frozenset({"UserString"}),
    "contextlib": frozenset({"redirect_stderr"}),
    "dataclasses": frozenset({"astuple", "fields", "make_dataclass"}),
    "enum": frozenset({"global_enum"}),
    "functools": frozenset({"singledispatch", "singledispatchmethod", "update_wrapper"}),
    "hashlib": frozenset({"file_digest"}),
    "operator": frozenset({"attrgetter", "methodcaller"}),
    "string": frozenset({"Formatter"}),
    "typing": frozenset({"ForwardRef", "get_type_hints"}),
    "uuid": frozenset({"getnode", "uuid1", "main"}),
}

#: The guards that replace functions of a module.
_GUARDS: Final[Mapping[str, tuple[Callable[..., Any], ...]]] = {
    "contextlib": (guards.redirect_stdout,),
    "dataclasses": (guards.dataclass, guards.asdict, guards.replace),
    "functools": (guards.wraps,),
}

#: A script sees only the listed names of these modules.
_GRANTED: Final[Mapping[str, frozenset[str]]] = {
    "io": frozenset({"StringIO", "BytesIO", "SEEK_SET", "SEEK_CUR", "SEEK_END", "UnsupportedOperation"}),
    "sys": frozenset(
        (
            "argv byteorder exit float_info getrecursionlimit getsizeof hash_info implementation int_info "
            "intern maxsize maxunicode platform setrecursionlimit stderr stdin stdout version version_info"
        ).split()
    ),
}

#: Builtins that a restricted script does not get.
_DENIED_BUILTINS: Final = frozenset(
    (
        "__import__ __loader__ __spec__ breakpoint compile copyright credits eval exec exit globals help "
        "license locals open quit vars"
    ).split()
)

_GUARD: Final = "__guarded_attribute__"


class Language:
    """The modules and builtins of one restricted script."""

    def __init__(self) -> None:
        """Import every module now. A locked-down process cannot import."""
        for name in _LATE:
            importlib.import_module(name)
        for name in hashlib.algorithms_guaranteed:
            hashlib.new(name)
        self._modules = {name: _public_copy(importlib.import_module(name)) for name in MODULES}
        for name, module in self._modules.items():
            parent, _, child = name.rpartition(".")
            if parent in self._modules:
                setattr(self._modules[parent], child, module)
        self._modules["urllib"] = types.ModuleType("urllib")
        vars(self._modules["urllib"])["parse"] = self._modules["urllib.parse"]
        for name, functions in _GUARDS.items():
            vars(self._modules[name]).update({function.__name__: function for function in functions})

    def builtins(self) -> dict[str, Any]:
        """Return the builtins of a script."""
        kept = {name: value for name, value in vars(builtins).items() if name not in _DENIED_BUILTINS}
        return kept | {
            "__import__": self._import,
            **{access.__name__: guards.guarded(access) for access in (getattr, setattr, delattr, hasattr)},
            **{f"__pattern_{name}__": vars(builtins)[name] for name in OWN_PATTERNS},
            _GUARD: guards.attribute,
        }

    @staticmethod
    def compile(script: str, filename: str) -> types.CodeType:
        """Compile a script with a guard at each attribute that `GUARDED` lists."""
        tree = _AttributeGuard().visit(ast.parse(script, filename))
        return compile(ast.fix_missing_locations(tree), filename, "exec", dont_inherit=True)

    def _import(
        self, name: str, _globals: object = None, _locals: object = None, fromlist: Any = (), level: int = 0
    ) -> types.ModuleType:
        if type(fromlist) is list:
            # Only the interpreter's own C code imports with a list, and only modules that are imported
            # already.
            return sys.modules[name]
        if type(name) is not str or level or name not in self._modules or name == "urllib":
            raise ImportError(f"{name} cannot be imported in the restricted executor")
        return self._modules[name if fromlist else name.partition(".")[0]]


def _public_copy(module: types.ModuleType) -> types.ModuleType:
    """Return a copy of `module` with only the public names that a script may use."""
    name = module.__name__
    granted, withheld = _GRANTED.get(name), _WITHHELD.get(name, frozenset())
    copy = types.ModuleType(name, module.__doc__)
    # dir() of a module without __all__ also lists what the module has imported.
    for key in granted or getattr(module, "__all__", None) or dir(module):
        value = getattr(module, key)
        if not key.startswith("_") and key not in withheld and not isinstance(value, types.ModuleType):
            vars(copy)[key] = value
    return copy


class _AttributeGuard(ast.NodeTransformer):
    """Turns each read of an attribute in `GUARDED`, such as `x.format`, into a call of the guard.

    It also makes `case int(x)` use the builtin, whatever the script has bound to the name.
    """

    def visit_MatchClass(self, node: ast.MatchClass) -> ast.AST:
        self.generic_visit(node)
        if node.patterns and isinstance(node.cls, ast.Name):
            node.cls = ast.copy_location(ast.Name(f"__pattern_{node.cls.id}__", ast.Load()), node.cls)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if node.attr not in GUARDED or not isinstance(node.ctx, ast.Load):
            return node
        call = ast.Call(ast.Name(_GUARD, ast.Load()), [node.value, ast.Constant(node.attr)], [])
        return ast.copy_location(call, node)
