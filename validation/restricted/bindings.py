"""The names that a script binds: the modules that it imports, and all other names."""

import ast
from collections.abc import Iterator
from typing import Final

from validation.restricted.modules import PERMITTED

#: A `try` that catches one of these expects an import to fail.
_EXPECTING: Final = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})

#: The most dots in the name of a permitted module.
_DOTS: Final = 2


class Bindings:
    """The names that a script binds in any of its scopes.

    Attributes:
        immediate_imports: The import statements that must succeed: those in no function, in no `try` that
            expects them to fail, and not under `if TYPE_CHECKING`.
    """

    def __init__(self, tree: ast.AST) -> None:
        """Read the syntax tree once. Without recursion, so that its depth has no limit."""
        self.immediate_imports: list[ast.Import | ast.ImportFrom] = []
        self._modules: dict[str, set[str]] = {}
        self._others: set[str] = set()
        todo: list[tuple[ast.AST, bool]] = [(tree, False)]
        while todo:
            node, deferred = todo.pop()
            if isinstance(node, ast.Import | ast.ImportFrom):
                self._add_import(node)
                if not deferred:
                    self.immediate_imports.append(node)
            else:
                self._others.update(_bound(node))
            deferred = deferred or _defers(node)
            todo += ((child, deferred) for child in ast.iter_child_nodes(node))

    def binds(self, name: str) -> bool:
        """Return whether the script binds `name` anywhere."""
        return name in self._others or name in self._modules

    def module(self, node: ast.expr) -> str | None:
        """Return the permitted module that an expression such as `xml.dom` names; None if it is uncertain."""
        attributes: list[str] = []
        while isinstance(node, ast.Attribute) and len(attributes) < _DOTS:
            attributes.insert(0, node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or node.id in self._others:
            return None
        modules = self._modules.get(node.id, set())
        name = ".".join([*modules, *attributes])
        return name if len(modules) == 1 and name in PERMITTED else None

    def _add_import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            if isinstance(node, ast.Import):
                bound = alias.asname or alias.name.partition(".")[0]
                module = alias.name if alias.asname else bound
            else:
                bound, module = alias.asname or alias.name, f"{node.module}.{alias.name}"
            if module in PERMITTED or isinstance(node, ast.Import):
                self._modules.setdefault(bound, set()).add(module)
            else:
                self._others.add(bound)


def _bound(node: ast.AST) -> Iterator[str]:
    """Yield the names that a node itself binds."""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
            yield name
        case ast.MatchMapping(rest=str(name)):
            yield name
        case ast.alias():
            pass
        case _:
            # Functions, classes, handlers of exceptions, captures of patterns, type parameters.
            other = getattr(node, "name", None)
            if isinstance(other, str):
                yield other


def _defers(node: ast.AST) -> bool:
    """Return whether an import in `node` may never run, or may fail without ending the script."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return True
        case ast.Try(handlers=handlers) | ast.TryStar(handlers=handlers):
            return any(_expects_import_error(handler.type) for handler in handlers)
        case ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING")):
            return True
    return False


def _expects_import_error(caught: ast.expr | None) -> bool:
    if isinstance(caught, ast.Tuple):
        return any(_expects_import_error(item) for item in caught.elts)
    return caught is None or (isinstance(caught, ast.Name) and caught.id in _EXPECTING)
