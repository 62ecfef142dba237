"""The language of a restricted script: modules without their private parts, and builtins with guards.

This is the weaker of the two layers around a restricted script, and never the only one. Attackers have found
escapes from every such guarded language. A script that escapes is still in a process that the kernel does not
allow to open files, connect to addresses or start processes (`lockdown`). The rules on the script's text are
in validation/restricted/rules.py. Both modules read the tables in validation/restricted/policy.py.
"""

import ast
import builtins
import sys
import types
from collections.abc import Callable, Mapping
from typing import Any, Final

from sandbox.guest.restricted import guards
from sandbox.guest.restricted.library import Library, denied_builtins
from validation.restricted.builtins import DENIED_BUILTINS
from validation.restricted.policy import GUARDED, OWN_PATTERNS

#: The guards that replace functions of a module.
_GUARDS: Final[Mapping[str, tuple[Callable[..., Any], ...]]] = {
    "contextlib": (guards.redirect_stdout,),
    "dataclasses": (guards.dataclass, guards.asdict, guards.replace),
    "functools": (guards.wraps,),
}

_GUARD: Final = "__guarded_attribute__"


class Language:
    """The modules and builtins of one restricted script."""

    def __init__(self) -> None:
        """Import every module now. A locked-down process cannot import."""
        self._library = Library()
        for name, functions in _GUARDS.items():
            self._library.replace(name, functions)

    def builtins(self) -> dict[str, Any]:
        """Return the builtins of a script."""
        kept = {name: value for name, value in vars(builtins).items() if name not in DENIED_BUILTINS}
        return (
            kept
            | denied_builtins()
            | {
                "__import__": self._import,
                **{
                    access.__name__: guards.guarded(access) for access in (getattr, setattr, delattr, hasattr)
                },
                **{f"__pattern_{name}__": vars(builtins)[name] for name in OWN_PATTERNS},
                _GUARD: guards.attribute,
            }
        )

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
        return self._library.import_(name, fromlist, level)


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
