"""The names that a script binds: the modules that it imports, and all other names."""

import ast
from collections.abc import Iterator
from typing import Final

from validation.imports import Import
from validation.restricted.modules import PERMITTED

#: The most dots in the name of a permitted module.
_DOTS: Final = 2


class Bindings:
    """The names that a script binds in any of its scopes."""

    def __init__(self, tree: ast.AST) -> None:
        """Read the syntax tree once."""
        self._modules: dict[str, set[str]] = {}
        self._others: set[str] = set()
        for node in ast.walk(tree):
            if isinstance(node, Import):
                self._add_import(node)
            else:
                self._others.update(_bound(node))

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
        modules = self._modules.get(node.id, ())
        if len(modules) != 1:
            return None
        name = ".".join([*modules, *attributes])
        return name if name in PERMITTED else None

    def _add_import(self, node: Import) -> None:
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
